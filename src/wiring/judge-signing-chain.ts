import { issuerUri } from '../licences/credential.ts'
import type { SigningAlgorithm } from '../crypto/signer.ts'
import type { StockDeps } from '../stock/stock-deps.ts'
import { tryParseCertificate } from '../trust/certificate-source.ts'
import { loadTrust } from '../trust/load-trust.ts'
import { oid } from '../trust/oid.ts'
import type { PublicKeyInfo } from '../trust/public-key.ts'
import { readPem } from '../trust/read-pem.ts'
import { createSignatureVerifier } from '../trust/verify-signed.ts'
import { urisOf } from '../verification/certificate-facts.ts'
import { judgeChain, licenceSigningPolicy } from '../verification/issuer-path.ts'
import { keyCustodyOf } from '../verification/key-custody.ts'
import { openVerificationTrust } from '../verification/verification-trust.ts'
import type { House } from './house.ts'

const sm2Curve = '1.2.156.10197.1.301'

/** By the same path rules as a credential's own certificate, and by the trust folder as it is now. */
export const signingChainJudge =
  ({
    algorithms,
    folder,
    clock,
    gateway,
    gm,
  }: Pick<
    House,
    'algorithms' | 'folder' | 'clock' | 'gateway' | 'gm'
  >): StockDeps['judgeSigningChain'] =>
  async (chainPem, issuerCode) => {
    const [leaf, ...others] = certificatesIn(chainPem)
    const parsed = leaf && tryParseCertificate(leaf)
    if (leaf === undefined || parsed === undefined) return undefined
    if (!urisOf(parsed).includes(issuerUri(gateway.publicUrl, issuerCode))) return undefined
    const certificateVerifier = createSignatureVerifier(gm.verifiers.verifyDer)
    const trust = openVerificationTrust(await loadTrust(folder.trust, certificateVerifier), {
      certificateVerifier,
    })
    const at = clock.now()
    const { verdict } = judgeChain([leaf, ...others], { trust, at, policy: licenceSigningPolicy })
    const alg = algorithmOf(parsed.publicKey.key)
    if (verdict !== 'passed' || alg === undefined) return undefined
    if (!algorithms.signing.includes(alg)) return undefined
    const claimedCustody = keyCustodyOf(parsed)
    return { alg, chain: [leaf, ...others], notAfter: parsed.notAfter, claimedCustody }
  }

const algorithmOf = (key: PublicKeyInfo['key']): SigningAlgorithm | undefined => {
  if (key.kind !== 'ec') return undefined
  if (key.curve === sm2Curve) return 'SM2-SM3'
  return key.curve === oid.p256 ? 'ES256' : undefined
}

const certificatesIn = (pem: string): readonly Uint8Array[] =>
  readPem(pem).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [der] : []))
