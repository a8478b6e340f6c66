import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cmsOid } from '../../src/crypto/cms/cms-oid.ts'
import {
  derContext,
  derContextPrimitive,
  derGeneralizedTime,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSetOf,
  derTag,
  derTlv,
} from '../../src/crypto/write-der.ts'
import { extKeyUsageExtension, keyUsageExtension } from '../../src/trust/certificate-extensions.ts'
import { keyIdentifier } from '../../src/trust/dev-ca.ts'
import { makeCrl, type RevokedToWrite } from '../../src/trust/make-crl.ts'
import { oid } from '../../src/trust/oid.ts'
import { defaultPathPolicy } from '../../src/trust/path-policy.ts'
import { openTrust } from '../../src/trust/validate-path.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { verifyTimestamp } from '../../src/trust/verify-timestamp.ts'
import { date, forgeCa, forgeLeaf, now, party } from './forge.ts'

const tstInfo = '1.2.840.113549.1.9.16.1.4'
const sha1 = '1.3.14.3.2.26'
const letter = Buffer.from('一封信')
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const hashed = (id: string): Uint8Array => derSequence(derOid(id), derNull())
const attribute = (type: string, ...values: readonly Uint8Array[]): Uint8Array =>
  derSequence(derOid(type), derSetOf(...values))

const [root, tsa] = [party('root'), party('tsa')]
const rootDer = await forgeCa(root, root)
const serial = Uint8Array.of(0x31)
const critical = { ...extKeyUsageExtension([oid.timeStamping]), critical: true }
const tsaWith = (edits: Parameters<typeof forgeLeaf>[2] = {}) =>
  forgeLeaf(root, tsa, { serial, ...edits, edits: { [critical.id]: critical, ...edits.edits } })
const tsaDer = await tsaWith()

type Forgery = {
  readonly certificate?: Uint8Array
  readonly genTime?: Date
  readonly imprintOid?: string
  readonly imprint?: Uint8Array
  readonly tail?: readonly Uint8Array[]
  readonly contentType?: string
  readonly attributes?: (good: readonly Uint8Array[]) => readonly Uint8Array[]
  readonly essOf?: Uint8Array
  readonly digestOid?: string
  readonly isBySki?: boolean
  readonly signers?: number
  readonly trailing?: Uint8Array
}

const honest = {
  ...{ certificate: tsaDer, contentType: tstInfo, digestOid: cmsOid.sha256, signers: 1 },
  ...{ imprintOid: cmsOid.sha256, imprint: sha256(letter), tail: [], trailing: new Uint8Array() },
  genTime: date('2026-05-30T00:00:00Z'),
  attributes: (good: readonly Uint8Array[]) => good,
}

const forgeToken = async (changes: Forgery = {}): Promise<Uint8Array> => {
  const order = { ...honest, ...changes }
  const { certificate, contentType, digestOid } = order
  const info = derSequence(
    derInteger(1),
    derOid('1.2.3.4'),
    derSequence(hashed(order.imprintOid), derOctetString(order.imprint)),
    derInteger(7),
    derGeneralizedTime(order.genTime),
    ...order.tail,
  )
  const ess = derSequence(
    derSequence(derSequence(derOctetString(sha256(order.essOf ?? certificate)))),
  )
  const good = [
    attribute(cmsOid.contentType, derOid(contentType)),
    attribute(cmsOid.messageDigest, derOctetString(sha256(info))),
    attribute('1.2.840.113549.1.9.16.2.47', ess),
  ]
  const set = derSetOf(...order.attributes(good))
  const sid = order.isBySki
    ? derContextPrimitive(0, keyIdentifier(tsa.key.spki, tsa.key))
    : derSequence(root.name, derTlv(derTag.integer, serial))
  const signer = derSequence(
    derInteger(order.isBySki ? 3 : 1),
    sid,
    hashed(digestOid),
    Buffer.concat([Uint8Array.of(0xa0), set.subarray(1)]),
    derSequence(derOid(oid.ecdsaWithSha256)),
    derOctetString(await tsa.key.sign(set)),
  )
  const signers = Array.from({ length: order.signers }, () => signer)
  const body = derSequence(
    derInteger(3),
    derSetOf(hashed(digestOid)),
    derSequence(derOid(contentType), derContext(0, derOctetString(info))),
    derTlv(0xa0, certificate),
    derTlv(derTag.set, ...signers),
  )
  const token = derSequence(derOid(cmsOid.signedData), derContext(0, body))
  return Buffer.concat([token, order.trailing])
}

const codeOf = async (order: Forgery = {}, revoked: readonly RevokedToWrite[] = []) => {
  const crl = await makeCrl({
    ...{ issuer: root, number: 1, revoked },
    ...{ thisUpdate: date('2026-05-25T00:00:00Z'), nextUpdate: date('2026-06-25T00:00:00Z') },
  })
  const report = verifyTimestamp(await forgeToken(order), {
    ...{ data: letter, at: now, policy: defaultPathPolicy, verifier: createSignatureVerifier() },
    trust: openTrust({ anchors: [rootDer], pool: [], crls: [crl] }),
  })
  return report.code
}

describe('a timestamp token made by us', () => {
  it('passes, the signer named by issuer and serial number or by key', async () => {
    expect(await codeOf()).toBe('passed')
    expect(await codeOf({ isBySki: true })).toBe('passed')
  })

  const other = attribute(cmsOid.messageDigest, derOctetString(sha256(Buffer.from('x'))))
  const cases: readonly (readonly [string, string, Forgery])[] = [
    ['no signer', 'timestamp_malformed', { signers: 0 }],
    ['two signers', 'timestamp_malformed', { signers: 2 }],
    ['a byte behind it', 'timestamp_malformed', { trailing: Uint8Array.of(0) }],
    ['another content type', 'timestamp_malformed', { contentType: cmsOid.data }],
    [
      'no message digest',
      'timestamp_malformed',
      { attributes: ([a, , c]) => [a, c].flatMap((x) => x ?? []) },
    ],
    ['no content type', 'timestamp_malformed', { attributes: (good) => good.slice(1) }],
    [
      'no name of its certificate',
      'timestamp_malformed',
      { attributes: (good) => good.slice(0, 2) },
    ],
    [
      'an attribute twice',
      'timestamp_malformed',
      { attributes: (good) => [...good, ...good.slice(1, 2)] },
    ],
    [
      'another message digest',
      'timestamp_signature_invalid',
      { attributes: (good) => good.map((each, i) => (i === 1 ? other : each)) },
    ],
    ['another certificate named', 'timestamp_certificate_mismatch', { essOf: rootDer }],
    ['SHA-1 over its attributes', 'timestamp_algorithm', { digestOid: sha1 }],
    [
      'another hash over its attributes',
      'timestamp_algorithm',
      { digestOid: '2.16.840.1.101.3.4.2.3' },
    ],
    ['an imprint by SHA-1', 'timestamp_algorithm', { imprintOid: sha1 }],
    ['an imprint by an unknown hash', 'timestamp_algorithm', { imprintOid: '1.2.3' }],
    [
      'an imprint cut short',
      'timestamp_imprint_mismatch',
      { imprint: sha256(letter).subarray(0, 16) },
    ],
    ['an empty imprint', 'timestamp_imprint_mismatch', { imprint: new Uint8Array() }],
    ['extensions nobody knows', 'timestamp_malformed', { tail: [derContext(1, derSequence())] }],
    ['a time to come', 'timestamp_in_future', { genTime: date('2026-06-01T00:00:01Z') }],
    [
      'a time before its certificate',
      'timestamp_outside_certificate',
      { genTime: date('2019-01-01T00:00:00Z') },
    ],
  ]
  it.each(cases)('fails with %s', async (_, code, order) => {
    expect(await codeOf(order)).toBe(code)
  })

  it('needs a key that may sign', async () => {
    const edits = { [oid.keyUsage]: keyUsageExtension(['keyEncipherment']) }
    expect(await codeOf({ certificate: await tsaWith({ edits }) })).toBe('timestamp_purpose')
  })

  it('fails when its authority is revoked, before or after the stamped time', async () => {
    for (const day of ['2026-05-26', '2026-05-31']) {
      expect(await codeOf({}, [{ serial, revokedAt: date(`${day}T00:00:00Z`) }])).toBe('path')
    }
  })
})
