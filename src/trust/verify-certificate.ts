import { describeCertificate, type CertificateFacts } from './describe-certificate.ts'
import { tryParseCertificate } from './certificate-source.ts'
import { parseCrl } from './parse-crl.ts'
import { parseOcsp } from './parse-ocsp.ts'
import type { PathPolicy } from './path-policy.ts'
import type { PathVerdict } from './path-verdict.ts'
import { readPem } from './read-pem.ts'
import { tryParse } from './try-parse.ts'
import { answerPath, openTrust, type TrustMaterial } from './validate-path.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type CertificateReport = {
  readonly facts: {
    /** Undefined when the file holds no certificate. */
    readonly certificate: CertificateFacts | undefined
    /** The path that was judged, issuer first, anchor last. */
    readonly issuers: readonly CertificateFacts[]
  }
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
  const ders = readDers(bytes)
  const leaf = ders.find((der) => tryParseCertificate(der)) ?? ders[0] ?? bytes
  const others = ders.filter((der) => der !== leaf)
  const enclosed = openTrust({
    anchors: [],
    pool: others,
    crls: others.filter((der) => tryParse(der, parseCrl)),
    ocsp: others.filter((der) => tryParse(der, parseOcsp)),
  })
  const path = answerPath({ ...rest, leaf, trust: [trust, enclosed] })
  const certificate = tryParseCertificate(leaf)
  return {
    facts: {
      certificate: certificate && describeCertificate(certificate),
      issuers: path.path.slice(1).map(describeCertificate),
    },
    path,
  }
}

/** True when a file looks like a certificate: one is found in it, first of all. */
export const holdsCertificate = (bytes: Uint8Array): boolean => {
  const [first] = readDers(bytes)
  return first !== undefined && tryParseCertificate(first) !== undefined
}

const readDers = (bytes: Uint8Array): readonly Uint8Array[] => {
  const text = Buffer.from(bytes).toString('latin1')
  return text.includes('-----BEGIN ') ? readPem(text).map(({ der }) => der) : [bytes]
}
