import { verify } from 'node:crypto'
import { digest, type DigestName } from '../digest.ts'
import { readPublicKey } from '../key-cache.ts'
import { gmOid } from '../sm2/oid.ts'
import { readCertificateHead, type CertificateHead } from './certificate-head.ts'
import { cmsOid } from './cms-oid.ts'
import {
  isPlainData,
  type SignedData,
  type SignerInfo,
  type SignerName,
} from './parse-signed-data.ts'
import { isSignedAttributes } from './signed-attributes.ts'

/** One signer's signature; whether to believe the certificate is another question. */
export type SignerVerdict = {
  readonly status:
    | 'right'
    | 'wrong'
    | 'digest_mismatch'
    | 'content_type_mismatch'
    | 'attributes_missing'
    | 'algorithm_unsupported'
    | 'certificate_missing'
    | 'content_missing'
  /** DER of the signer's certificate. */
  readonly certificate: Uint8Array | undefined
}

export type SignedDataContext = {
  /** The content of a detached signature; not looked at when the file has its own. */
  readonly content?: Uint8Array
  /** Certificates from elsewhere, beside those of the file. */
  readonly certificates?: readonly Uint8Array[]
  /** `verifyDer` of sm2SignatureVerifiers. */
  readonly verifySm2: VerifyDer
}

type VerifyDer = (spki: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean

/**
 * Checks each signer's signature, SM2 with SM3 and ECDSA P-256 with SHA-256. An empty list means that
 * nobody signed.
 * @throws CryptoError cms_malformed for a certificate that is not DER
 */
export const verifySignedData = (
  signed: SignedData,
  context: SignedDataContext,
): readonly SignerVerdict[] => {
  const heads = [...signed.certificates, ...(context.certificates ?? [])].map(readCertificateHead)
  return signed.signers.map((signer) => {
    const certificate = heads.find((head) => isNamed(signer.signer, head))
    const status = judgeSigner(signed, signer, certificate, context)
    return { status, certificate: certificate?.der }
  })
}

const isNamed = (name: SignerName, head: CertificateHead): boolean =>
  name.kind === 'issuerAndSerial'
    ? equal(name.serial, head.serial) && equal(name.issuer, head.issuer)
    : head.keyIdentifier !== undefined && equal(name.keyIdentifier, head.keyIdentifier)

const judgeSigner = (
  signed: SignedData,
  signer: SignerInfo,
  certificate: CertificateHead | undefined,
  context: SignedDataContext,
): SignerVerdict['status'] => {
  const content = signed.content ?? context.content
  const scheme = schemeOf(signer)
  if (certificate === undefined) return 'certificate_missing'
  if (content === undefined) return 'content_missing'
  if (scheme === undefined) return 'algorithm_unsupported'
  const fault = attributeFault(signed, signer, content, scheme.digest)
  if (fault !== undefined) return fault
  const bytes = signer.attributes?.signed ?? content
  const check = scheme.digest === 'sm3' ? context.verifySm2 : verifyP256
  return check(certificate.spki, bytes, signer.signature) ? 'right' : 'wrong'
}

type Scheme = { readonly digest: DigestName }

const schemeOf = ({ digestAlgorithm, signatureAlgorithm }: SignerInfo): Scheme | undefined => {
  const isSm2 = signatureAlgorithm === gmOid.sm2WithSm3 || signatureAlgorithm === gmOid.sm2Signature
  if (isSm2 && digestAlgorithm === gmOid.sm3) return { digest: 'sm3' }
  const isP256 = signatureAlgorithm === cmsOid.ecdsaWithSha256
  return isP256 && digestAlgorithm === cmsOid.sha256 ? { digest: 'sha-256' } : undefined
}

const attributeFault = (
  signed: SignedData,
  { attributes }: SignerInfo,
  content: Uint8Array,
  digestName: DigestName,
): SignerVerdict['status'] | undefined => {
  if (attributes === undefined) {
    const isFit = isPlainData(signed) && !isSignedAttributes(content)
    return isFit ? undefined : 'attributes_missing'
  }
  if (attributes.contentType !== signed.contentType) return 'content_type_mismatch'
  return equal(attributes.messageDigest, digest(digestName, content))
    ? undefined
    : 'digest_mismatch'
}

const verifyP256: VerifyDer = (spki, bytes, signature) => {
  const key = readPublicKey(spki)
  if (key?.kind !== 'P-256') return false
  try {
    return verify('sha256', bytes, key.key, signature)
  } catch {
    // OpenSSL throws for some malformed signatures: they are wrong ones.
    return false
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
