import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readDer, derStructure } from '../../src/crypto/read-der.ts'
import {
  derBitString,
  derContext,
  derContextPrimitive,
  derGeneralizedTime,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derTag,
  derTlv,
} from '../../src/crypto/write-der.ts'
import { extKeyUsageExtension } from '../../src/trust/certificate-extensions.ts'
import { oid } from '../../src/trust/oid.ts'
import { strictPathPolicy } from '../../src/trust/path-policy.ts'
import { date, forgeCa, forgeLeaf, judge, now, party, type Party } from './forge.ts'

const serial = Uint8Array.of(0x11)
const [root, leaf, responder] = [party('root'), party('leaf'), party('responder')]
const anchors = [await forgeCa(root, root)]
const leafDer = await forgeLeaf(root, leaf, { serial })
const noCheck = { id: oid.ocspNoCheck, critical: false, value: derNull() }
const delegate = (issuer: Party, purposes: readonly string[], isUnchecked = true) =>
  forgeLeaf(issuer, responder, {
    edits: {
      [oid.extKeyUsage]: extKeyUsageExtension(purposes),
      ...(isUnchecked ? { [noCheck.id]: noCheck } : {}),
    },
  })

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()
const keyBits = ({ key }: Party): Uint8Array =>
  derStructure(readDer(key.spki), (reader) => {
    reader.next()
    return reader.next().content.subarray(1)
  })

const good = derContextPrimitive(0, new Uint8Array())
const unknown = derContextPrimitive(2, new Uint8Array())
const revoked = derContext(1, derGeneralizedTime(date('2026-05-20T00:00:00Z')))

type Order = {
  readonly statuses?: readonly Uint8Array[]
  readonly signer?: Party
  readonly certificates?: readonly Uint8Array[]
  readonly producedAt?: Date
  readonly thisUpdate?: Date
  readonly issuer?: Party
  readonly hash?: string
}

const respond = async (order: Order = {}): Promise<Uint8Array> => {
  const { statuses = [good], signer = root, certificates = [], issuer = root } = order
  const { thisUpdate = date('2026-05-31T00:00:00Z'), producedAt = thisUpdate } = order
  const id = derSequence(
    derSequence(derOid(order.hash ?? '1.3.14.3.2.26'), derNull()),
    derOctetString(sha1(issuer.name)),
    derOctetString(sha1(keyBits(issuer))),
    derInteger(serial),
  )
  const next = derContext(0, derGeneralizedTime(date('2026-06-30T00:00:00Z')))
  const answers = statuses.map((status) =>
    derSequence(id, status, derGeneralizedTime(thisUpdate), next),
  )
  const tbs = derSequence(
    derContext(1, signer.name),
    derGeneralizedTime(producedAt),
    derSequence(...answers),
  )
  const { signatureAlgorithm, sign } = signer.key
  const signature = derBitString(await sign(tbs))
  const more = certificates.length > 0 ? [derContext(0, derSequence(...certificates))] : []
  const basic = derSequence(tbs, signatureAlgorithm, signature, ...more)
  const wrapped = derSequence(derOid(oid.ocspBasic), derOctetString(basic))
  return derSequence(derTlv(derTag.enumerated, Uint8Array.of(0)), derContext(0, wrapped))
}

const codeBy = async (...ocsp: readonly Uint8Array[]): Promise<string> => {
  const { code, findings } = await judge({
    ...{ leaf: leafDer, anchors, ocsp, at: now, policy: strictPathPolicy },
  })
  return code === 'revocation_unknown' ? (findings[0]?.detail ?? code) : code
}

describe('OCSP answers', () => {
  it('count when the issuer, or a responder that it marked, signed them', async () => {
    expect(await codeBy(await respond())).toBe('passed')
    const certificates = [await delegate(root, [oid.ocspSigning])]
    expect(await codeBy(await respond({ signer: responder, certificates }))).toBe('passed')
  })

  it.each([
    ['without the purpose', async () => delegate(root, [oid.clientAuth])],
    ['for any purpose', async () => delegate(root, [oid.anyExtendedKeyUsage])],
    ['that nobody can ask about', async () => delegate(root, [oid.ocspSigning], false)],
    ['of a namesake of the issuer', async () => delegate(party('root'), [oid.ocspSigning])],
  ])('do not count from a responder %s', async (_, certificate) => {
    const certificates = [await certificate()]
    expect(await codeBy(await respond({ signer: responder, certificates }))).toBe('ocsp_signer')
  })

  it('believe the worst of two answers about one certificate', async () => {
    expect(await codeBy(await respond({ statuses: [good, revoked] }))).toBe('revoked')
    expect(await codeBy(await respond(), await respond({ statuses: [revoked] }))).toBe('revoked')
  })

  it('say nothing when unknown, of another issuer, under another hash, or of a later day', async () => {
    expect(await codeBy(await respond({ statuses: [unknown] }))).toBe('ocsp_unknown')
    expect(await codeBy(await respond({ issuer: leaf }))).toBe('no_data')
    const sha256 = '2.16.840.1.101.3.4.2.1'
    for (const hash of [sha256, '1.2.840.113549.2.5', '1.2.3']) {
      expect(await codeBy(await respond({ hash }))).toBe('no_data')
    }
    const later = date('2026-06-01T00:00:01Z')
    expect(await codeBy(await respond({ producedAt: later }))).toBe('ocsp_not_current')
    expect(await codeBy(await respond({ thisUpdate: later }))).toBe('ocsp_not_current')
  })
})
