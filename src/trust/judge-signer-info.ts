import { hash } from 'node:crypto'
import { isPlainData, type SignedData, type SignerInfo } from '../crypto/cms/parse-signed-data.ts'
import { isSignedAttributes } from '../crypto/cms/signed-attributes.ts'
import { readDer } from '../crypto/read-der.ts'
import { gmOid } from '../crypto/sm2/oid.ts'
import { derNull, derOid, derSequence } from '../crypto/write-der.ts'
import { hashName } from './hash-name.ts'
import { judgeSignatureAlgorithm } from './judge-algorithms.ts'
import { oid } from './oid.ts'
import type { AlgorithmPolicy } from './path-policy.ts'
import { parseAlgorithm, type AlgorithmIdentifier, type PublicKeyInfo } from './public-key.ts'
import { signatureScheme } from './signature-algorithm.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type SignerFault = 'algorithm' | 'attributes' | 'content' | 'signature'

export type SignerToJudge = {
  readonly signed: Pick<SignedData, 'contentType'>
  readonly signer: SignerInfo
  /** Undefined where it is not at hand: then only a signature over attributes can be judged. */
  readonly content: Uint8Array | undefined
  readonly publicKey: PublicKeyInfo
  readonly algorithms: AlgorithmPolicy
  readonly verifier: SignatureVerifier
}

/** What is wrong with one CMS signature under a key (RFC 5652 §5.4), if anything is. */
export const judgeSignerInfo = (order: SignerToJudge): SignerFault | undefined => {
  const { signer, content, publicKey, algorithms, verifier } = order
  const algorithm = algorithmOf(signer)
  const digestName = hashName(signer.digestAlgorithm)
  if (digestName === undefined || !isFit(algorithm, digestName, algorithms)) return 'algorithm'
  const fault = judgeAttributes(order, digestName)
  if (fault !== undefined) return fault
  const bytes = signer.attributes?.signed ?? content
  if (bytes === undefined) return undefined
  const { signature } = signer
  const isRight = verifier({ algorithm, publicKey, bytes, signature }) === 'right'
  return isRight ? undefined : 'signature'
}

const judgeAttributes = (
  { signed, signer: { attributes }, content }: SignerToJudge,
  digestName: string,
): SignerFault | undefined => {
  if (attributes === undefined) {
    const isFit = isPlainData(signed) && !(content && isSignedAttributes(content))
    return isFit ? undefined : 'attributes'
  }
  if (attributes.contentType !== signed.contentType) return 'attributes'
  const isOther = content !== undefined && !isDigest(digestName, content, attributes.messageDigest)
  return isOther ? 'content' : undefined
}

const isDigest = (name: string, content: Uint8Array, digest: Uint8Array): boolean =>
  Buffer.compare(hash(name, content, 'buffer'), digest) === 0

/** RFC 8933 §3: the attributes are digested with the signature's own hash; Ed25519 has none to share. */
const isFit = (
  algorithm: AlgorithmIdentifier,
  digestName: string,
  algorithms: AlgorithmPolicy,
): boolean => {
  const scheme = signatureScheme(algorithm)
  const own = scheme === undefined || scheme.kind === 'ed25519' ? digestName : scheme.hash
  return (
    judgeSignatureAlgorithm(algorithm, algorithms) === undefined &&
    own === digestName &&
    algorithms.hashes.includes(digestName)
  )
}

/** CMS may name the key's algorithm and leave the hash to digestAlgorithm (RFC 3370 §3.2, GB/T 35275). */
const algorithmOf = ({ signatureAlgorithm, digestAlgorithm }: SignerInfo): AlgorithmIdentifier => {
  const name = hashName(digestAlgorithm) ?? ''
  const id = completed[`${signatureAlgorithm} ${name}`] ?? signatureAlgorithm
  const parameters = id.startsWith('1.2.840.113549.1.1.') ? [derNull()] : []
  return parseAlgorithm(readDer(derSequence(derOid(id), ...parameters)))
}

const completed: Readonly<Record<string, string>> = {
  [`${oid.rsaEncryption} sha256`]: '1.2.840.113549.1.1.11',
  [`${oid.rsaEncryption} sha384`]: '1.2.840.113549.1.1.12',
  [`${oid.rsaEncryption} sha512`]: '1.2.840.113549.1.1.13',
  [`${gmOid.sm2Signature} sm3`]: oid.sm2WithSm3,
}
