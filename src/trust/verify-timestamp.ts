import { hash } from 'node:crypto'
import { derNull, derOid, derSequence } from '../crypto/write-der.ts'
import { readDer } from '../crypto/read-der.ts'
import { tryParseCertificate } from './certificate-source.ts'
import { hashName } from './hash-name.ts'
import { judgeSignatureAlgorithm } from './judge-algorithms.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import { parseTimestamp, type ParsedTimestamp, type TimestampInfo } from './parse-timestamp.ts'
import type { PathPolicy } from './path-policy.ts'
import type { PathVerdict } from './path-verdict.ts'
import { parseAlgorithm } from './public-key.ts'
import { tryParse } from './try-parse.ts'
import { answerPath, openTrust, type TrustMaterial } from './validate-path.ts'
import type { SignatureVerifier } from './verify-signed.ts'

/** What can be wrong with a token itself; `path` points to the path verdict. */
export type TimestampCode =
  | 'passed'
  | 'timestamp_malformed'
  | 'timestamp_certificate_missing'
  | 'timestamp_certificate_mismatch'
  | 'timestamp_signature_invalid'
  | 'timestamp_purpose'
  | 'timestamp_imprint_mismatch'
  | 'timestamp_data_missing'
  | 'timestamp_algorithm'
  | 'timestamp_in_future'
  | 'path'

export type TimestampReport = {
  readonly verdict: PathVerdict['verdict']
  readonly code: TimestampCode
  /** Sub-indication of ETSI EN 319 102-1; absent when passed. */
  readonly subIndication?: string
  /** Undefined when the token is not well-formed. */
  readonly info: TimestampInfo | undefined
  readonly certificate: ParsedCertificate | undefined
  /** Path of the authority's certificate; undefined when the token failed before. */
  readonly path: PathVerdict | undefined
}

export type TimestampToVerify = {
  /** The stamped bytes, undefined where they are not at hand. */
  readonly data: Uint8Array | undefined
  readonly trust: TrustMaterial
  readonly at: Date
  readonly policy: PathPolicy
  readonly verifier: SignatureVerifier
}

/** Judges an RFC 3161 timestamp token over `data`, offline. Never throws for what the bytes hold. */
export const verifyTimestamp = (token: Uint8Array, order: TimestampToVerify): TimestampReport => {
  const parsed = tryParse(token, parseTimestamp)
  if (parsed === undefined) return failed('timestamp_malformed', 'FORMAT_FAILURE')
  const { info } = parsed
  const certificate = findSigner(parsed, order.trust)
  if (certificate === undefined) {
    return open('timestamp_certificate_missing', 'NO_SIGNING_CERTIFICATE_FOUND', { info })
  }
  const known = { info, certificate }
  const fault = judgeToken(parsed, certificate, order)
  if (fault !== undefined) return { ...failed(fault[0], fault[1]), ...known }
  const path = judgeAuthority(parsed, certificate, order)
  if (path.verdict !== 'passed') {
    const { verdict, subIndication = 'GENERIC' } = path
    return { verdict, code: 'path', subIndication, path, ...known }
  }
  if (order.data === undefined) {
    return { ...open('timestamp_data_missing', 'SIGNED_DATA_NOT_FOUND', known), path }
  }
  return { verdict: 'passed', code: 'passed', path, ...known }
}

const failed = (code: TimestampCode, subIndication: string): TimestampReport => ({
  ...{ verdict: 'failed', code, subIndication },
  ...{ info: undefined, certificate: undefined, path: undefined },
})

const open = (
  code: TimestampCode,
  subIndication: string,
  known: { readonly info: TimestampInfo; readonly certificate?: ParsedCertificate },
): TimestampReport => ({
  ...{ verdict: 'indeterminate', code, subIndication, info: known.info },
  ...{ certificate: known.certificate, path: undefined },
})

const findSigner = (
  { signed, signer }: ParsedTimestamp,
  trust: TrustMaterial,
): ParsedCertificate | undefined => {
  const enclosed = signed.certificates.map(tryParseCertificate).filter((each) => each !== undefined)
  const known = [...trust.certificates.pool.values()].flat()
  return [...enclosed, ...known].find((each) => isNamed(each, signer.signer))
}

const isNamed = (
  { issuer, serial, decoded }: ParsedCertificate,
  name: ParsedTimestamp['signer']['signer'],
): boolean => {
  if (name.kind === 'keyIdentifier') {
    const own = decoded.values.subjectKeyIdentifier
    return own !== undefined && Buffer.compare(own, name.keyIdentifier) === 0
  }
  const isIssuer = Buffer.compare(issuer.encoding, name.issuer) === 0
  return isIssuer && Buffer.compare(serial, name.serial) === 0
}

type Fault = readonly [TimestampCode, string]

const judgeToken = (
  parsed: ParsedTimestamp,
  certificate: ParsedCertificate,
  { data, at, policy, verifier }: TimestampToVerify,
): Fault | undefined => {
  const { info, signingCertificate } = parsed
  if (!isDigestOf(signingCertificate.hash, signingCertificate.digest, certificate.der)) {
    return ['timestamp_certificate_mismatch', 'SIG_CRYPTO_FAILURE']
  }
  if (!isStrong(info.hash, policy)) return ['timestamp_algorithm', 'CRYPTO_CONSTRAINTS_FAILURE']
  const signature = judgeSignature(parsed, certificate, policy, verifier)
  if (signature !== undefined) return signature
  if (data !== undefined && !isDigestOf(info.hash, info.imprint, data)) {
    return ['timestamp_imprint_mismatch', 'HASH_FAILURE']
  }
  if (!isForTimestampsOnly(certificate)) return ['timestamp_purpose', 'SIG_CONSTRAINTS_FAILURE']
  return info.time > at ? ['timestamp_in_future', 'TIMESTAMP_ORDER_FAILURE'] : undefined
}

const isDigestOf = (hashOid: string, digest: Uint8Array, bytes: Uint8Array): boolean => {
  const name = hashName(hashOid)
  return name !== undefined && Buffer.compare(hash(name, bytes, 'buffer'), digest) === 0
}

const isStrong = (hashOid: string, { algorithms }: PathPolicy): boolean =>
  algorithms.hashes.includes(hashName(hashOid) ?? '')

const judgeSignature = (
  { signer, content }: ParsedTimestamp,
  { publicKey }: ParsedCertificate,
  policy: PathPolicy,
  verifier: SignatureVerifier,
): Fault | undefined => {
  const { attributes, digestAlgorithm, signature } = signer
  const digestName = hashName(digestAlgorithm)
  const algorithm = signatureAlgorithmOf(signer.signatureAlgorithm, digestAlgorithm)
  const weakness = judgeSignatureAlgorithm(algorithm, policy.algorithms)
  if (attributes === undefined || digestName === undefined || weakness !== undefined) {
    return ['timestamp_algorithm', 'CRYPTO_CONSTRAINTS_FAILURE']
  }
  const isContent =
    attributes.contentType === '1.2.840.113549.1.9.16.1.4' &&
    Buffer.compare(hash(digestName, content, 'buffer'), attributes.messageDigest) === 0
  const bytes = attributes.signed
  const isRight = verifier({ algorithm, publicKey, bytes, signature }) === 'right'
  return isContent && isRight ? undefined : ['timestamp_signature_invalid', 'SIG_CRYPTO_FAILURE']
}

/** CMS may name rsaEncryption and leave the hash to digestAlgorithm (RFC 3370 §3.2). */
const signatureAlgorithmOf = (signature: string, digest: string) => {
  const name = hashName(digest)
  const isBareRsa = signature === oid.rsaEncryption && name !== undefined
  const id = isBareRsa ? rsaWith[name] : signature
  const isRsa = signature.startsWith('1.2.840.113549.1.1.')
  const parameters = isRsa ? [derNull()] : []
  return parseAlgorithm(readDer(derSequence(derOid(id ?? signature), ...parameters)))
}

const rsaWith: Readonly<Record<string, string>> = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}

/** RFC 3161 §2.3: the extension is critical and names this purpose only. */
const isForTimestampsOnly = ({ decoded, extensions }: ParsedCertificate): boolean =>
  decoded.values.extKeyUsage?.length === 1 &&
  decoded.values.extKeyUsage[0] === oid.timeStamping &&
  extensions.some(({ id, critical }) => id === oid.extKeyUsage && critical)

const judgeAuthority = (
  { signed }: ParsedTimestamp,
  { der: leaf }: ParsedCertificate,
  { trust, at, policy, verifier }: TimestampToVerify,
): PathVerdict => {
  const enclosed = openTrust({ anchors: [], pool: signed.certificates, crls: signed.crls })
  const purposes = [oid.timeStamping]
  return answerPath({
    leaf,
    trust: [trust, enclosed],
    at,
    policy: { ...policy, purposes },
    verifier,
  })
}
