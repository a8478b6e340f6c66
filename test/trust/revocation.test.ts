import { describe, expect, it } from 'vitest'
import {
  derContext,
  derContextPrimitive,
  derInteger,
  derSequence,
} from '../../src/crypto/write-der.ts'
import {
  directoryName,
  keyUsageExtension,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { makeCrl, type RevokedToWrite } from '../../src/trust/make-crl.ts'
import { oid } from '../../src/trust/oid.ts'
import { strictPathPolicy, type PathPolicy } from '../../src/trust/path-policy.ts'
import { createPathCache } from '../../src/trust/path-cache.ts'
import { openTrust } from '../../src/trust/validate-path.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { date, forgeCa, forgeLeaf, judge, now, party, type Party } from './forge.ts'

const thisUpdate = date('2026-05-25T00:00:00Z')
const nextUpdate = date('2026-06-25T00:00:00Z')
const serial = Uint8Array.of(0x11)
const entry = (reason?: RevokedToWrite['reason']): RevokedToWrite => ({
  serial,
  revokedAt: date('2026-05-20T00:00:00Z'),
  ...(reason ? { reason } : {}),
})

type CrlOptions = Partial<Parameters<typeof makeCrl>[0]>
const crlOf = (issuer: Party, options: CrlOptions = {}): Promise<Uint8Array> =>
  makeCrl({ issuer, number: 5, thisUpdate, nextUpdate, revoked: [], ...options })
const listed = (reason?: RevokedToWrite['reason']): CrlOptions => ({ revoked: [entry(reason)] })

const idp = (...members: readonly Uint8Array[]): ExtensionToWrite => ({
  id: oid.issuingDistributionPoint,
  critical: true,
  value: derSequence(...members),
})
const delta = (base: number): ExtensionToWrite => ({
  id: oid.deltaCrlIndicator,
  critical: true,
  value: derInteger(base),
})
const flag = (number: number): Uint8Array => derContextPrimitive(number, Uint8Array.of(0xff))

const [root, sub, leaf] = [party('root'), party('sub'), party('leaf')]
const anchors = [await forgeCa(root, root)]
const subDer = await forgeCa(root, sub)
const leafDer = await forgeLeaf(sub, leaf, { serial })
const rootCrl = await crlOf(root)

const codeWith = async (
  crls: readonly Uint8Array[],
  policy: Partial<PathPolicy> = {},
  more: { pool?: readonly Uint8Array[]; at?: Date; leaf?: Uint8Array } = {},
): Promise<string> => {
  const verdict = await judge({
    leaf: more.leaf ?? leafDer,
    pool: [subDer, ...(more.pool ?? [])],
    anchors,
    crls: [rootCrl, ...crls],
    at: more.at ?? now,
    policy: { ...strictPathPolicy, ...policy },
  })
  const [finding] = verdict.findings
  return finding?.detail === undefined || finding.code === 'revoked'
    ? verdict.code
    : `${verdict.code} ${finding.detail}`
}

const flipLast = (der: Uint8Array): Uint8Array =>
  der.map((byte, i) => (i === der.length - 1 ? byte ^ 1 : byte))

describe('certificate revocation lists', () => {
  it('a current complete CRL of every issuer passes; a missing one never does', async () => {
    expect(await codeWith([await crlOf(sub)])).toBe('passed')
    expect(await codeWith([])).toBe('revocation_unknown no_data')
  })

  it('finds the revoked leaf and the revoked CA', async () => {
    expect(await codeWith([await crlOf(sub, listed('keyCompromise'))])).toBe('revoked')
    const revokedSub = await forgeCa(root, sub, { serial: Uint8Array.of(0x12) })
    const verdict = await judge({
      leaf: leafDer,
      pool: [revokedSub],
      anchors,
      crls: [
        await crlOf(root, { revoked: [{ serial: Uint8Array.of(0x12), revokedAt: thisUpdate }] }),
        await crlOf(sub),
      ],
      policy: strictPathPolicy,
    })
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ code: 'revoked', position: 1 }),
    )
  })

  it('treats a hold as undecided', async () => {
    const verdict = await judge({
      leaf: leafDer,
      pool: [subDer],
      anchors,
      crls: [rootCrl, await crlOf(sub, listed('certificateHold'))],
      policy: strictPathPolicy,
    })
    expect(verdict).toMatchObject({ verdict: 'indeterminate', code: 'on_hold' })
  })

  it('a stale CRL says nothing good, but what it revoked stays revoked', async () => {
    const old = {
      thisUpdate: date('2026-01-01T00:00:00Z'),
      nextUpdate: date('2026-02-01T00:00:00Z'),
    }
    expect(await codeWith([await crlOf(sub, old)])).toBe('revocation_unknown crl_not_current')
    const stale = await crlOf(sub, { ...old, ...listed('keyCompromise') })
    expect(await codeWith([stale])).toBe('revoked')
    const held = await crlOf(sub, { ...old, ...listed('certificateHold') })
    expect(await codeWith([held])).toBe('revocation_unknown crl_not_current')
  })

  it('a CRL of a later day counts for what had happened by then', async () => {
    const later = { thisUpdate: date('2026-06-10T00:00:00Z') }
    expect(await codeWith([await crlOf(sub, later)])).toBe('revocation_unknown crl_not_current')
    expect(await codeWith([await crlOf(sub, { ...later, ...listed('superseded') })])).toBe(
      'revoked',
    )
    const before = date('2026-05-19T00:00:00Z')
    const verdict = await codeWith(
      [await crlOf(sub, { ...later, ...listed() })],
      {},
      { at: before },
    )
    expect(verdict).toBe('revocation_unknown crl_not_current')
  })

  it('ignores CRLs with a wrong signature, of a stranger, or of a CA that may not sign CRLs', async () => {
    const flipped = flipLast(await crlOf(sub, listed()))
    expect(await codeWith([flipped])).toBe('revocation_unknown crl_signer')
    const stranger = { ...sub, key: generateP256Key().key }
    expect(await codeWith([await crlOf(stranger)])).toBe('revocation_unknown crl_signer')
    const edits = { [oid.keyUsage]: keyUsageExtension(['keyCertSign']) }
    const verdict = await judge({
      leaf: leafDer,
      pool: [await forgeCa(root, sub, { edits })],
      anchors,
      crls: [rootCrl, await crlOf(sub)],
      policy: strictPathPolicy,
    })
    expect(verdict.findings).toMatchObject([{ code: 'revocation_unknown', detail: 'crl_signer' }])
  })

  it.each([
    [
      'an unknown critical extension',
      { id: '1.2.3.4', critical: true, value: derInteger(1) },
      'crl_unknown_critical_extension',
    ],
    [
      'a scope that is not critical',
      { ...idp(flag(1)), critical: false },
      'crl_extension_criticality',
    ],
    [
      'a CRL number twice',
      { id: oid.crlNumber, critical: false, value: derInteger(5) },
      'crl_repeated_extension',
    ],
  ])('does not use a CRL with %s', async (_, extension, reason) => {
    const crl = await crlOf(sub, { extensions: [extension] })
    expect(await codeWith([crl])).toBe(`revocation_unknown ${reason}`)
  })

  it('keeps to the scope: user certificates, CA certificates, attribute certificates', async () => {
    expect(await codeWith([await crlOf(sub, { extensions: [idp(flag(1))] })])).toBe('passed')
    for (const other of [2, 5]) {
      const crl = await crlOf(sub, { extensions: [idp(flag(other))] })
      expect(await codeWith([crl])).toBe('revocation_unknown no_data')
    }
  })

  it('adds up reasons over several CRLs and needs them all', async () => {
    const compromise = idp(derContextPrimitive(3, Uint8Array.of(5, 0x60)))
    const rest = idp(derContextPrimitive(3, Uint8Array.of(7, 0x1f, 0x80)))
    const some = await crlOf(sub, { extensions: [compromise] })
    expect(await codeWith([some])).toBe('revocation_unknown crl_reasons_incomplete')
    const others = await crlOf(sub, { number: 6, extensions: [rest] })
    expect(await codeWith([some, others])).toBe('passed')
    const bad = await crlOf(sub, { number: 6, extensions: [rest], ...listed('superseded') })
    expect(await codeWith([some, bad])).toBe('revoked')
  })

  it('reads a delta over its base: revoked, removed from hold, alone useless', async () => {
    const base = await crlOf(sub, listed('certificateHold'))
    const removed = await crlOf(sub, {
      number: 6,
      extensions: [delta(5)],
      ...listed('removeFromCRL'),
    })
    expect(await codeWith([base, removed])).toBe('passed')
    const revoking = await crlOf(sub, {
      number: 6,
      extensions: [delta(5)],
      ...listed('keyCompromise'),
    })
    expect(await codeWith([await crlOf(sub), revoking])).toBe('revoked')
    expect(await codeWith([revoking])).toBe('revocation_unknown no_data')
    const tooNew = await crlOf(sub, {
      number: 9,
      extensions: [delta(8)],
      ...listed('keyCompromise'),
    })
    expect(await codeWith([await crlOf(sub), tooNew])).toBe('passed')
    const base5 = await crlOf(sub, listed('keyCompromise'))
    expect(await codeWith([base5, removed])).toBe('revoked')
  })

  it('does not use a list that names a certificate twice', async () => {
    const other = { serial: Uint8Array.of(0x55), revokedAt: date('2026-05-20T00:00:00Z') }
    const twice = await crlOf(sub, { revoked: [other, entry(), other] })
    expect(await codeWith([twice])).toBe('revocation_unknown crl_entry_repeated')
    const held = { ...other, reason: 'certificateHold' as const }
    expect(await codeWith([await crlOf(sub, { revoked: [other, held] })])).toBe(
      'revocation_unknown crl_entry_repeated',
    )
  })

  it('takes an indirect CRL only from the issuer that the certificate names', async () => {
    const crlSigner = party('CRL signer')
    const point = derSequence(derContext(2, directoryName(crlSigner.name)))
    const points = {
      id: oid.crlDistributionPoints,
      critical: false,
      value: derSequence(point),
    }
    const delegated = await forgeLeaf(sub, leaf, { serial, edits: { [points.id]: points } })
    const signerDer = await forgeLeaf(root, crlSigner, {
      edits: { [oid.keyUsage]: keyUsageExtension(['cRLSign']), [oid.extKeyUsage]: undefined },
    })
    const indirect = await crlOf(crlSigner, { extensions: [idp(flag(4))] })
    const more = { leaf: delegated, pool: [signerDer] }
    expect(await codeWith([indirect], {}, more)).toBe('passed')
    const notIndirect = await crlOf(crlSigner)
    expect(await codeWith([notIndirect], {}, more)).toBe('revocation_unknown no_data')
    expect(await codeWith([indirect], {}, { pool: [signerDer] })).toBe('revocation_unknown no_data')
    expect(await codeWith([indirect], {}, { leaf: delegated })).toBe(
      'revocation_unknown crl_signer',
    )
  })

  it('a CRL signer off the path needs a path and a status of its own', async () => {
    const crlKey = { ...sub, key: generateP256Key().key }
    const edits = {
      [oid.keyUsage]: keyUsageExtension(['cRLSign']),
      [oid.basicConstraints]: undefined,
    }
    const signerDer = await forgeCa(root, crlKey, { edits, serial: Uint8Array.of(0x21) })
    const crl = await crlOf(crlKey)
    expect(await codeWith([crl], {}, { pool: [signerDer] })).toBe('passed')
    const verdict = await judge({
      leaf: leafDer,
      pool: [subDer, signerDer],
      anchors,
      crls: [
        crl,
        await crlOf(root, { revoked: [{ serial: Uint8Array.of(0x21), revokedAt: thisUpdate }] }),
      ],
      policy: strictPathPolicy,
    })
    expect(verdict.findings).toMatchObject([{ code: 'revocation_unknown', detail: 'crl_signer' }])
  })

  it('lets a policy ask for the leaf only', async () => {
    const leafOnly = { revocation: { leaf: 'required', authorities: 'available' } } as const
    const crls = [await crlOf(sub)]
    const question = { leaf: leafDer, pool: [subDer], anchors, crls }
    const policy = { ...strictPathPolicy, ...leafOnly }
    expect((await judge({ ...question, policy })).verdict).toBe('passed')
    expect((await judge({ ...question, policy: strictPathPolicy })).verdict).toBe('indeterminate')
  })
})

describe('the cache of verdicts', () => {
  const cacheOver = (crls: readonly Uint8Array[]) => {
    let checked = 0
    const verify = createSignatureVerifier()
    const judgeCached = createPathCache({
      trust: openTrust({ anchors, pool: [], crls }),
      policy: strictPathPolicy,
      entriesMax: 2,
      verifier: (signed) => {
        checked++
        return verify(signed)
      },
    })
    return { judgeCached, checkedSince: () => checked }
  }

  it('answers a chain again without checking a signature, until the data ends', async () => {
    const { judgeCached, checkedSince } = cacheOver([rootCrl, await crlOf(sub)])
    const chain = [leafDer, subDer]
    expect(judgeCached(chain, now).verdict).toBe('passed')
    const once = checkedSince()
    expect(judgeCached(chain, nextUpdate).verdict).toBe('passed')
    expect(checkedSince()).toBe(once)
    expect(judgeCached(chain, date('2026-06-25T00:00:01Z')).verdict).toBe('indeterminate')
    expect(checkedSince()).toBeGreaterThan(once)
  })

  it('does not keep a verdict past the day from which other data counts', async () => {
    const later = await crlOf(sub, {
      thisUpdate: date('2026-06-10T00:00:00Z'),
      revoked: [{ serial, revokedAt: date('2026-06-09T00:00:00Z') }],
    })
    const { judgeCached } = cacheOver([rootCrl, await crlOf(sub), later])
    expect(judgeCached([leafDer, subDer], now).verdict).toBe('passed')
    expect(judgeCached([leafDer, subDer], date('2026-06-11T00:00:00Z')).code).toBe('revoked')
  })

  it('tells chains apart that differ in one bit', async () => {
    const { judgeCached } = cacheOver([rootCrl, await crlOf(sub)])
    expect(judgeCached([leafDer, subDer], now).verdict).toBe('passed')
    expect(judgeCached([flipLast(leafDer), subDer], now).verdict).toBe('failed')
  })
})
