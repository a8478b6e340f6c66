import type { CertificateId, Uscc } from '../contract/ids.ts'
import { credentialHeader } from '../crypto/issue-sd-jwt.ts'
import { digestNameOf, type SigningAlgorithm } from '../crypto/signer.ts'
import type { CredentialIssuer } from './credential.ts'

/** A department's certificate for licence credentials, and who holds its key. */
export type SigningCertificate = {
  readonly certificateId: CertificateId
  readonly issuerCode: Uscc
  readonly alg: SigningAlgorithm
  /** DER, leaf first, without the anchor. */
  readonly chain: readonly Uint8Array[]
  readonly keyCustody: 'department' | 'gateway'
  /** Where the department's own signer listens; null in the gateway's custody. */
  readonly signerUrl: string | null
  readonly notAfter: Date
}

/** What every credential under a certificate has in common. */
export const credentialIssuerOf = (
  base: string,
  certificate: Pick<SigningCertificate, 'alg' | 'chain'>,
): CredentialIssuer => {
  const header = headers.get(certificate) ?? credentialHeader(certificate.alg, certificate.chain)
  headers.set(certificate, header)
  return { base, header, digestName: digestNameOf(certificate.alg) }
}

/** Some kilobytes of base64 in every answer, which are always the same. */
const headers = new WeakMap<object, string>()
