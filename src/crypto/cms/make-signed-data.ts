import { digest, type DigestName } from '../digest.ts'
import type { SigningAlgorithm } from '../signer.ts'
import { gmOid } from '../sm2/oid.ts'
import {
  derContext,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSetOf,
  derTag,
  derTime,
  derTlv,
} from '../write-der.ts'
import { readCertificateHead } from './certificate-head.ts'
import { cmsOid, dialectOids, type CmsDialect } from './cms-oid.ts'

/** Who signs: like the signer port, but the signature as DER of r and s. */
export type CmsSigner = {
  readonly alg: SigningAlgorithm
  /** DER certificates, the key's own first. */
  readonly chain: readonly Uint8Array[]
  readonly signDer: (bytes: Uint8Array) => Promise<Uint8Array>
}

export type SignedDataOptions = {
  readonly dialect: CmsDialect
  /** Leave the content out of the file. */
  readonly detached?: boolean
  /** Sign contentType and messageDigest (and the time, when given) instead of the content itself. */
  readonly attributes?: { readonly signingTime?: Date } | undefined
  /** 1.2.156.10197.1.501 (default), or 1.2.156.10197.1.301.1 as older GB/T 35275 readers want it. */
  readonly sm2SignatureOid?: typeof gmOid.sm2WithSm3 | typeof gmOid.sm2Signature
}

/**
 * ContentInfo with SignedData by one signer, DER.
 * @throws CryptoError cms_malformed when the first certificate is missing or not DER
 */
export const makeSignedData = async (
  content: Uint8Array,
  signer: CmsSigner,
  options: SignedDataOptions,
): Promise<Uint8Array> => {
  const oids = dialectOids[options.dialect]
  const scheme = schemeOf(signer.alg, options)
  const wrapped = options.detached === true ? [] : [derContext(0, derOctetString(content))]
  const body = derSequence(
    derInteger(1),
    derSetOf(scheme.digestAlgorithm),
    derSequence(derOid(oids.data), ...wrapped),
    derTlv(0xa0, ...[...signer.chain].sort((a, b) => Buffer.compare(a, b))),
    derSetOf(await signerInfo(content, signer, { ...options, scheme, contentType: oids.data })),
  )
  return derSequence(derOid(oids.signedData), derContext(0, body))
}

type Scheme = {
  readonly digest: DigestName
  readonly digestAlgorithm: Uint8Array
  readonly signatureAlgorithm: Uint8Array
}

const schemeOf = (alg: SigningAlgorithm, options: SignedDataOptions): Scheme =>
  alg === 'SM2-SM3'
    ? {
        digest: 'sm3',
        digestAlgorithm: derSequence(derOid(gmOid.sm3), derNull()),
        signatureAlgorithm: derSequence(derOid(options.sm2SignatureOid ?? gmOid.sm2WithSm3)),
      }
    : {
        digest: 'sha-256',
        digestAlgorithm: derSequence(derOid(cmsOid.sha256)),
        signatureAlgorithm: derSequence(derOid(cmsOid.ecdsaWithSha256)),
      }

type SignerOptions = SignedDataOptions & { readonly scheme: Scheme; readonly contentType: string }

const signerInfo = async (
  content: Uint8Array,
  signer: CmsSigner,
  { scheme, attributes, contentType }: SignerOptions,
): Promise<Uint8Array> => {
  const { issuer, serial } = readCertificateHead(signer.chain[0] ?? new Uint8Array())
  const signed =
    attributes && signedAttributes(contentType, digest(scheme.digest, content), attributes)
  const signature = await signer.signDer(signed ?? content)
  return derSequence(
    derInteger(1),
    derSequence(issuer, derTlv(derTag.integer, serial)),
    scheme.digestAlgorithm,
    ...(signed === undefined ? [] : [retagged(signed)]),
    scheme.signatureAlgorithm,
    derOctetString(signature),
  )
}

const signedAttributes = (
  contentType: string,
  messageDigest: Uint8Array,
  { signingTime }: { readonly signingTime?: Date },
): Uint8Array =>
  derSetOf(
    attribute(cmsOid.contentType, derOid(contentType)),
    attribute(cmsOid.messageDigest, derOctetString(messageDigest)),
    ...(signingTime === undefined ? [] : [attribute(cmsOid.signingTime, derTime(signingTime))]),
  )

const attribute = (type: string, value: Uint8Array): Uint8Array =>
  derSequence(derOid(type), derSetOf(value))

/** Signed under the tag SET, stored under [0] (RFC 5652 §5.4). */
const retagged = (set: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(set)
  copy[0] = 0xa0
  return copy
}
