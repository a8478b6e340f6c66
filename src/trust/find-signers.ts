import type { SignedData, SignerInfo } from '../crypto/cms/parse-signed-data.ts'
import { tryParseCertificate } from './certificate-source.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { TrustMaterial } from './validate-path.ts'

/** Certificates that a CMS signer's name fits, those of the file first; whether to believe one is open. */
export const findSigners = (
  enclosed: readonly ParsedCertificate[],
  { signer }: SignerInfo,
  trust: TrustMaterial,
): readonly ParsedCertificate[] => {
  const { anchors, pool } = trust.certificates
  const known = [...pool.values(), ...anchors.values()].flat()
  return [...enclosed, ...known].filter((each) => isNamed(each, signer))
}

/** The certificates of a file, without those that cannot be read. */
export const enclosedCertificates = ({
  certificates,
}: Pick<SignedData, 'certificates'>): readonly ParsedCertificate[] =>
  certificates.map(tryParseCertificate).filter((each) => each !== undefined)

const isNamed = (
  { issuer, serial, decoded }: ParsedCertificate,
  name: SignerInfo['signer'],
): boolean => {
  if (name.kind === 'keyIdentifier') {
    const own = decoded.values.subjectKeyIdentifier
    return own !== undefined && Buffer.compare(own, name.keyIdentifier) === 0
  }
  const isIssuer = Buffer.compare(issuer.encoding, name.issuer) === 0
  return isIssuer && Buffer.compare(serial, name.serial) === 0
}
