import { describe, expect, it } from 'vitest'
import { makeSignedData } from '../../src/crypto/cms/make-signed-data.ts'
import { extKeyUsageExtension } from '../../src/trust/certificate-extensions.ts'
import { emptyTrustFolder } from '../../src/trust/load-trust.ts'
import { makeCrl } from '../../src/trust/make-crl.ts'
import { oid } from '../../src/trust/oid.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { date, forgeCa, forgeLeaf, now, party } from '../trust/forge.ts'

const [root, signer] = [party('root'), party('signer')]
const rootDer = await forgeCa(root, root)
const crl = await makeCrl({
  ...{ issuer: root, number: 1, revoked: [] },
  ...{ thisUpdate: date('2026-05-25T00:00:00Z'), nextUpdate: date('2026-06-25T00:00:00Z') },
})
const trust = openVerificationTrust(
  { ...emptyTrustFolder, anchors: [rootDer], crls: [crl] },
  { certificateVerifier: createSignatureVerifier() },
)
const letter = Buffer.from('一封信')

const judgeBy = async (
  purposes: readonly string[] | undefined,
  options: { detached?: Uint8Array; isDetached?: boolean } = {},
) => {
  const edits = { [oid.extKeyUsage]: purposes && extKeyUsageExtension(purposes) }
  const leaf = await forgeLeaf(root, signer, { edits })
  const file = await makeSignedData(
    letter,
    { alg: 'ES256', chain: [leaf], signDer: signer.key.sign },
    { dialect: 'rfc', detached: options.isDetached ?? false, attributes: {} },
  )
  return verifyArtefact(file, { trust, at: now, detached: options.detached })
}

describe('signed data', () => {
  it.each([
    ['no purpose', undefined],
    ['document signing (RFC 9336)', ['1.3.6.1.5.5.7.3.36']],
    ['mail beside servers', [oid.serverAuth, oid.emailProtection]],
    ['any purpose', [oid.anyExtendedKeyUsage]],
  ])('passes under a certificate with %s', async (_, purposes) => {
    expect((await judgeBy(purposes)).verdict).toBe('TOTAL_PASSED')
  })

  it.each([
    ['servers', oid.serverAuth],
    ['timestamps', oid.timeStamping],
    ['OCSP answers', oid.ocspSigning],
    ['code', oid.codeSigning],
  ])('fails under a certificate that is for %s only', async (_, purpose) => {
    const report = await judgeBy([purpose])
    expect(report).toMatchObject({
      verdict: 'TOTAL_FAILED',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
    })
  })

  it('never passes for bytes that it does not hold', async () => {
    expect(await judgeBy(undefined, { detached: Buffer.from('另一封信') })).toMatchObject({
      verdict: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
    expect((await judgeBy(undefined, { detached: letter })).verdict).toBe('TOTAL_PASSED')
    const apart = await judgeBy(undefined, { detached: letter, isDetached: true })
    expect(apart.verdict).toBe('TOTAL_PASSED')
  })

  it('never takes the signed attributes of another file for signed content', async () => {
    const leaf = await forgeLeaf(root, signer)
    const who = { alg: 'ES256', chain: [leaf], signDer: signer.key.sign } as const
    let signed = new Uint8Array()
    await makeSignedData(
      letter,
      {
        ...who,
        signDer: async (bytes) => {
          signed = Uint8Array.from(bytes)
          return signer.key.sign(bytes)
        },
      },
      { dialect: 'rfc', attributes: {} },
    )
    // The same bytes under the same signature, but as content.
    const file = await makeSignedData(signed, who, { dialect: 'rfc' })
    expect(verifyArtefact(file, { trust, at: now })).toMatchObject({
      ...{ verdict: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' },
    })
    const plain = await makeSignedData(letter, who, { dialect: 'rfc' })
    expect(verifyArtefact(plain, { trust, at: now }).verdict).toBe('TOTAL_PASSED')
  })
})
