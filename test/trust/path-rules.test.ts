import { describe, expect, it } from 'vitest'
import {
  derBitString,
  derBoolean,
  derContext,
  derContextPrimitive,
  derInteger,
  derNamedBits,
  derNull,
  derOid,
  derSequence,
} from '../../src/crypto/write-der.ts'
import {
  authorityKeyIdentifierExtension,
  dnsName,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  uriName,
  writeExtension,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { oid } from '../../src/trust/oid.ts'
import type { FindingCode } from '../../src/trust/path-finding.ts'
import { writeName } from '../../src/trust/write-name.ts'
import {
  aki,
  bare,
  caExtensions,
  date,
  forge,
  forgeCa,
  forgeLeaf,
  judge,
  judgeChain,
  leafExtensions,
  party,
  ski,
} from './forge.ts'

const extension = (id: string, value: Uint8Array, critical = false): ExtensionToWrite => ({
  ...{ id, critical, value },
})
const unknown = extension('1.3.6.1.4.1.55738.1', derNull(), true)
const edit = (one: ExtensionToWrite) => ({ edits: { [one.id]: one } })
const without = (id: string) => ({ edits: { [id]: undefined } })
const recritical = (one: ExtensionToWrite, critical: boolean) => edit({ ...one, critical })
const flipLast = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))

const noCa = edit(extension(oid.basicConstraints, derSequence(), true))
const root = party('root')
const rsaKeyBits = derBitString(Uint8Array.of(1))

type Change = Parameters<typeof judgeChain>[0]

/** One fault each in an otherwise good chain root → sub → leaf. */
const faults: readonly (readonly [string, FindingCode, Change])[] = [
  ['a leaf not yet valid', 'not_yet_valid', { leaf: { notBefore: date('2026-06-02T00:00:00Z') } }],
  ['an expired leaf', 'expired', { leaf: { notAfter: date('2026-05-31T23:59:59Z') } }],
  ['an expired sub CA', 'expired', { sub: { notAfter: date('2026-05-31T23:59:59Z') } }],
  ['an expired root', 'expired', { root: { notAfter: date('2026-05-31T23:59:59Z') } }],
  ['a flipped leaf signature', 'signature_invalid', { leaf: { tamper: flipLast } }],
  ['a flipped sub CA signature', 'signature_invalid', { sub: { tamper: flipLast } }],
  ['no CA mark on the sub CA', 'not_ca', { sub: without(oid.basicConstraints) }],
  ['a CA mark that says no', 'not_ca', { sub: noCa }],
  ['no CA mark on the root', 'not_ca', { root: without(oid.basicConstraints) }],
  [
    'a CA that may not sign certificates',
    'key_usage_no_cert_sign',
    { sub: edit(keyUsageExtension(['cRLSign'])) },
  ],
  ['a path longer than its root allows', 'path_length_exceeded', { root: { pathLength: 0 } }],
  [
    'an unknown critical extension in the leaf',
    'unknown_critical_extension',
    { leaf: edit(unknown) },
  ],
  [
    'an unknown critical extension in the sub CA',
    'unknown_critical_extension',
    { sub: edit(unknown) },
  ],
  [
    'an unknown critical extension in the root',
    'unknown_critical_extension',
    { root: edit(unknown) },
  ],
  [
    'more intermediates than asked for',
    'chain_depth_exceeded',
    { policy: { intermediatesMax: 0 } },
  ],
  [
    'a purpose that the leaf does not list',
    'purpose_not_allowed',
    { policy: { purposes: [oid.serverAuth] } },
  ],
  [
    'a purpose that the sub CA does not pass on',
    'purpose_not_allowed',
    { sub: edit(extKeyUsageExtension([oid.serverAuth])), policy: { purposes: [oid.clientAuth] } },
  ],
  [
    'no stated purpose where one must be stated',
    'purpose_not_allowed',
    {
      leaf: without(oid.extKeyUsage),
      policy: { purposes: [oid.clientAuth], purposeMustBeStated: true },
    },
  ],
  [
    'any purpose where a particular one is asked for',
    'purpose_not_allowed',
    {
      leaf: edit(extKeyUsageExtension([oid.anyExtendedKeyUsage])),
      policy: { purposes: [oid.clientAuth] },
    },
  ],
  [
    'a key usage that is not there',
    'key_usage_not_allowed',
    { policy: { keyUsages: ['keyAgreement'] } },
  ],
  [
    'another name than expected',
    'peer_name_mismatch',
    { policy: { peerNames: [{ kind: 'dns', value: 'other.example.com' }] } },
  ],
  ['serial number zero', 'serial_not_positive', { leaf: { serial: Uint8Array.of(0) } }],
  ['a negative serial number', 'serial_not_positive', { leaf: { serial: Uint8Array.of(0x80) } }],
  [
    '21 octets of serial number',
    'serial_too_long',
    { leaf: { serial: new Uint8Array(21).fill(1) } },
  ],
  [
    'a critical authority key identifier',
    'must_not_be_critical',
    { leaf: recritical(aki(root), true) },
  ],
  [
    'a critical subject key identifier',
    'must_not_be_critical',
    { root: recritical(ski(root), true) },
  ],
  [
    'no authority key identifier in the leaf',
    'authority_key_identifier_missing',
    { leaf: without(oid.authorityKeyIdentifier) },
  ],
  [
    'no subject key identifier in the sub CA',
    'subject_key_identifier_missing',
    { sub: without(oid.subjectKeyIdentifier) },
  ],
  ['no key usage in the sub CA', 'key_usage_missing', { sub: without(oid.keyUsage) }],
  [
    'key usage without a bit',
    'key_usage_empty',
    { leaf: edit(extension(oid.keyUsage, derNamedBits([]))) },
  ],
  [
    'keyCertSign in a leaf',
    'cert_sign_without_ca',
    { leaf: edit(keyUsageExtension(['keyCertSign'])) },
  ],
  [
    'a path length in a leaf',
    'path_length_without_ca',
    { leaf: edit(extension(oid.basicConstraints, derSequence(derInteger(1)))) },
  ],
  [
    'basic constraints not critical',
    'must_be_critical',
    { sub: edit(extension(oid.basicConstraints, derSequence(derBoolean(true)))) },
  ],
  [
    'policy constraints not critical',
    'must_be_critical',
    {
      sub: edit(
        extension(oid.policyConstraints, derSequence(derContextPrimitive(0, Uint8Array.of(5)))),
      ),
    },
  ],
  [
    'inhibitAnyPolicy not critical',
    'must_be_critical',
    { sub: edit(extension(oid.inhibitAnyPolicy, derInteger(1))) },
  ],
  [
    'empty policy constraints',
    'policy_constraints_empty',
    { sub: edit(extension(oid.policyConstraints, derSequence(), true)) },
  ],
  [
    'empty extended key usage',
    'malformed_extension',
    { leaf: edit(extension(oid.extKeyUsage, derSequence())) },
  ],
  [
    'an empty alternative name',
    'malformed_extension',
    { leaf: edit(extension(oid.subjectAltName, derSequence())) },
  ],
  [
    'a critical AIA',
    'must_not_be_critical',
    {
      leaf: edit(
        extension(
          oid.authorityInfoAccess,
          derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.2'), uriName('http://example.com/ca'))),
          true,
        ),
      ),
    },
  ],
  [
    'an underscore in a DNS name',
    'alternative_name_malformed',
    { leaf: { names: [dnsName('a_b.example.com')] } },
  ],
  [
    'a DNS name with a leading dot',
    'alternative_name_malformed',
    { leaf: { names: [dnsName('.example.com')] } },
  ],
  ['a relative URI', 'alternative_name_malformed', { leaf: { names: [uriName('licences/1')] } }],
  [
    'an address of five octets',
    'alternative_name_malformed',
    { leaf: { names: [derContextPrimitive(7, new Uint8Array(5))] } },
  ],
  [
    'name constraints in a leaf',
    'name_constraints_misplaced',
    {
      leaf: edit(
        extension(
          oid.nameConstraints,
          derSequence(derContext(0, derSequence(dnsName('example.com')))),
          true,
        ),
      ),
    },
  ],
  [
    'empty name constraints',
    'name_constraints_malformed',
    { sub: edit(extension(oid.nameConstraints, derSequence(), true)) },
  ],
  [
    'a policy twice',
    'policy_repeated',
    {
      leaf: edit(
        extension(
          oid.certificatePolicies,
          derSequence(derSequence(derOid('1.2.3')), derSequence(derOid('1.2.3'))),
        ),
      ),
    },
  ],
  [
    'anyPolicy mapped',
    'policy_mapping_any',
    {
      sub: edit(
        extension(
          oid.policyMappings,
          derSequence(derSequence(derOid(oid.anyPolicy), derOid('1.2.3'))),
        ),
      ),
    },
  ],
  [
    'an explicit policy that nobody states',
    'policy_required',
    { policy: { explicitPolicy: true } },
  ],
  [
    'another algorithm inside than outside',
    'signature_algorithm_mismatch',
    { leaf: { innerAlgorithm: derSequence(derOid('1.2.840.10045.4.3.3')) } },
  ],
  [
    'a CA certificate of version 1',
    'version_too_low',
    { sub: { version: 0, rawExtensions: derSequence() } },
  ],
]

describe('one fault in a good chain', () => {
  it('a good chain passes, with a policy set and a window', async () => {
    const verdict = await judgeChain()
    expect(verdict).toMatchObject({ verdict: 'passed', code: 'passed', findings: [] })
    expect(verdict.path).toHaveLength(3)
    expect(verdict.checks.every(({ status }) => status !== 'failed')).toBe(true)
    expect(verdict.validUntil).toEqual(date('2040-01-01T00:00:00Z'))
  })

  it.each(faults)('%s → %s', async (_, code, change) => {
    const verdict = await judgeChain(change)
    expect(verdict.verdict).toBe('failed')
    expect([verdict.code, ...verdict.findings.map((finding) => finding.code)]).toContain(code)
    const check = verdict.checks.find((each) => each.code === code)
    expect(check?.status).toBe('failed')
    expect(check?.message).not.toBe('')
    expect(check?.messageZh).toMatch(/[一-鿿]/)
  })

  it('takes both ends of the validity as valid', async () => {
    const leaf = { notBefore: date('2026-06-01T00:00:00Z'), notAfter: date('2026-06-01T00:00:00Z') }
    expect((await judgeChain({ leaf })).verdict).toBe('passed')
    const after = date('2026-06-01T00:00:01Z')
    expect((await judgeChain({ leaf, at: after })).code).toBe('expired')
    // The last second counts as a whole; the moment before the first one does not.
    const within = date('2026-06-01T00:00:00.999Z')
    expect((await judgeChain({ leaf, at: within })).verdict).toBe('passed')
    const before = date('2026-05-31T23:59:59.999Z')
    expect((await judgeChain({ leaf, at: before })).code).toBe('not_yet_valid')
  })

  it('asks an anchor for no key usage, but heeds one that stands', async () => {
    const root = { edits: { [oid.keyUsage]: undefined } }
    expect((await judgeChain({ root })).verdict).toBe('passed')
    const signer = { edits: { [oid.keyUsage]: keyUsageExtension(['cRLSign']) } }
    expect((await judgeChain({ root: signer })).code).toBe('key_usage_no_cert_sign')
  })

  it('lets a policy weigh a finding less', async () => {
    const change = { leaf: { serial: Uint8Array.of(0) } }
    const verdict = await judgeChain({ ...change, policy: { levels: { profile: 'warn' } } })
    expect(verdict.verdict).toBe('passed')
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ code: 'serial_not_positive', status: 'warning' }),
    )
  })
})

describe('names of issuer and subject', () => {
  it('refuses an empty issuer, an empty CA subject, a nameless leaf', async () => {
    const nameless = { name: derSequence(), key: generateP256Key().key }
    const anchors = [await forgeCa(nameless, nameless)]
    const byNobody = await judge({ leaf: await forgeLeaf(nameless, party('leaf')), anchors })
    expect(byNobody.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['issuer_empty', 'subject_empty']),
    )
    const good = [await forgeCa(root, root)]
    const names = subjectAltNameExtension([dnsName('licence.example.com')])
    const loose = await judge({ leaf: await forgeLeaf(root, nameless), anchors: good })
    expect(loose.code).toBe('subject_empty')
    const edits = { [oid.subjectAltName]: { ...names, critical: true } }
    const named = await judge({ leaf: await forgeLeaf(root, nameless, { edits }), anchors: good })
    expect(named.verdict).toBe('passed')
  })

  it('compares names by RFC 5280 §7.1: case and spaces do not count, order and words do', async () => {
    const issued = { ...root, name: writeName({ commonName: '  ROOT ' }) }
    const anchors = [await forgeCa(root, root)]
    expect((await judge({ leaf: await forgeLeaf(issued, party('leaf')), anchors })).verdict).toBe(
      'passed',
    )
    const other = { ...root, name: writeName({ commonName: 'root 2' }) }
    expect((await judge({ leaf: await forgeLeaf(other, party('leaf')), anchors })).code).toBe(
      'no_path',
    )
  })
})

describe('malformed certificates', () => {
  it('refuses trailing bytes, repeated extensions and extensions below version 3', async () => {
    const anchors = [await forgeCa(root, root)]
    const leaf = party('leaf')
    const good = await forgeLeaf(root, leaf)
    const trailing = Buffer.concat([good, Uint8Array.of(0)])
    expect((await judge({ leaf: trailing, anchors })).code).toBe('malformed_certificate')
    const twice = [...leafExtensions(leaf, root), ski(leaf)]
    const repeated = await forge({ issuer: root, subject: leaf, extensions: twice })
    expect((await judge({ leaf: repeated, anchors })).code).toBe('repeated_extension')
    const version2 = await forgeLeaf(root, leaf, { version: 1 })
    expect((await judge({ leaf: version2, anchors })).code).toBe('malformed_certificate')
  })

  it('refuses a default that is written out', async () => {
    const leaf = party('leaf')
    const [first = ski(leaf), ...rest] = leafExtensions(leaf, root).map(writeExtension)
    const explicitFalse = derSequence(
      derOid('1.2.3.4'),
      derBoolean(false),
      derBitString(rsaKeyBits),
    )
    const raw = derSequence(...(first instanceof Uint8Array ? [first] : []), ...rest, explicitFalse)
    const der = await forge({ issuer: root, subject: leaf, extensions: [], rawExtensions: raw })
    const anchors = [await forgeCa(root, root)]
    expect((await judge({ leaf: der, anchors })).code).toBe('malformed_certificate')
  })

  it('goes around a malformed or unsuitable certificate in the pool', async () => {
    const [sub, leaf] = [party('sub'), party('leaf')]
    const good = await forgeCa(root, sub)
    const pool = [
      good.subarray(0, 40),
      await forgeCa(root, sub, { notAfter: date('2021-01-01T00:00:00Z') }),
      await forge({
        issuer: root,
        subject: sub,
        extensions: [...caExtensions(sub, root), unknown],
      }),
      good,
    ]
    const anchors = [await forgeCa(root, root)]
    const der = await forgeLeaf(sub, leaf)
    expect((await judge({ leaf: der, pool, anchors, policy: bare })).verdict).toBe('passed')
  })

  it('refuses an authority key identifier that names another key', async () => {
    const [sub, leaf] = [party('sub'), party('leaf')]
    const misleading = authorityKeyIdentifierExtension(new Uint8Array(20))
    const der = await forgeLeaf(sub, leaf, { edits: { [misleading.id]: misleading } })
    const anchors = [await forgeCa(root, root)]
    const verdict = await judge({ leaf: der, pool: [await forgeCa(root, sub)], anchors })
    expect(verdict.code).toBe('authority_key_identifier_mismatch')
  })
})
