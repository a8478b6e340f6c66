import { tryParseCertificate } from './certificate-source.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import { parseCrl } from './parse-crl.ts'
import { parseOcsp } from './parse-ocsp.ts'
import type { PathPolicy } from './path-policy.ts'
import type { PathVerdict } from './path-verdict.ts'
import { readPem } from './read-pem.ts'
import { tryParse } from './try-parse.ts'
import { answerPath, openTrust, type TrustMaterial } from './validate-path.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type CertificateReport = {
  /** Undefined when the file holds no certificate. */
  readonly certificate: ParsedCertificate | undefined
  readonly path: PathVerdict
}

export type CertificateToVerify = {
  readonly trust: TrustMaterial
  readonly at: Date
  readonly policy: PathPolicy
  readonly verifier: SignatureVerifier
  readonly cpuNow?: () => number
}

/**
 * Judges a certificate file, PEM or DER: path and revocation of its first certificate. Further
 * certificates, CRLs and OCSP responses in the file help, but are not trusted.
 */
export const verifyCertificate = (
  bytes: Uint8Array,
  { trust, ...rest }: CertificateToVerify,
): CertificateReport => {
  const { leaf, others } = readFile(bytes)
  const enclosed = openTrust({
    anchors: [],
    pool: others,
    crls: others.filter((der) => tryParse(der, parseCrl)),
    ocsp: others.filter((der) => tryParse(der, parseOcsp)),
  })
  return {
    certificate: tryParseCertificate(leaf),
    path: answerPath({ ...rest, leaf, trust: [trust, enclosed] }),
  }
}

type CertificateFile = { readonly leaf: Uint8Array; readonly others: readonly Uint8Array[] }

/** The first block that calls itself a certificate is the one to judge, well-formed or not. */
const readFile = (bytes: Uint8Array): CertificateFile => {
  const text = Buffer.from(bytes).toString('latin1')
  if (!text.includes('-----BEGIN ')) return { leaf: bytes, others: [] }
  const blocks = readPem(text)
  const first = blocks.find(({ label }) => label === 'CERTIFICATE')
  const others = blocks.filter((block) => block !== first).map(({ der }) => der)
  return { leaf: first?.der ?? new Uint8Array(), others }
}
