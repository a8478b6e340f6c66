import { hash } from 'node:crypto'
import { keyUsageBit } from './certificate-extensions.ts'
import { enclosedCertificates, findSigners } from './find-signers.ts'
import { hashName } from './hash-name.ts'
import { judgeSignerInfo } from './judge-signer-info.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import { parseTimestamp, type ParsedTimestamp, type TimestampInfo } from './parse-timestamp.ts'
import type { PathPolicy } from './path-policy.ts'
import type { PathVerdict } from './path-verdict.ts'
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
  | 'timestamp_outside_certificate'
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

/** Of several that bear the name, the one that the authority signed for. */
const findSigner = (
  { signed, signer, signingCertificate }: ParsedTimestamp,
  trust: TrustMaterial,
): ParsedCertificate | undefined => {
  const named = findSigners(enclosedCertificates(signed), signer, trust)
  const { hash: hashOid, digest } = signingCertificate
  return named.find(({ der }) => isDigestOf(hashOid, digest, der)) ?? named[0]
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
  if (info.time > at) return ['timestamp_in_future', 'TIMESTAMP_ORDER_FAILURE']
  return info.time < certificate.notBefore || info.time > certificate.notAfter
    ? ['timestamp_outside_certificate', 'TIMESTAMP_ORDER_FAILURE']
    : undefined
}

const isDigestOf = (hashOid: string, digest: Uint8Array, bytes: Uint8Array): boolean => {
  const name = hashName(hashOid)
  return name !== undefined && Buffer.compare(hash(name, bytes, 'buffer'), digest) === 0
}

const isStrong = (hashOid: string, { algorithms }: PathPolicy): boolean =>
  algorithms.hashes.includes(hashName(hashOid) ?? '')

const judgeSignature = (
  { signed, signer, content }: ParsedTimestamp,
  { publicKey }: ParsedCertificate,
  { algorithms }: PathPolicy,
  verifier: SignatureVerifier,
): Fault | undefined => {
  const fault = judgeSignerInfo({ signed, signer, content, publicKey, algorithms, verifier })
  if (fault === undefined) return undefined
  return fault === 'algorithm'
    ? ['timestamp_algorithm', 'CRYPTO_CONSTRAINTS_FAILURE']
    : ['timestamp_signature_invalid', 'SIG_CRYPTO_FAILURE']
}

/** RFC 3161 §2.3: the extension is critical and names this purpose only; the key may sign at all. */
const isForTimestampsOnly = ({ decoded, extensions }: ParsedCertificate): boolean =>
  maySign(decoded.values.keyUsage) &&
  decoded.values.extKeyUsage?.length === 1 &&
  decoded.values.extKeyUsage[0] === oid.timeStamping &&
  extensions.some(({ id, critical }) => id === oid.extKeyUsage && critical)

const maySign = (usage: ReadonlySet<number> | undefined): boolean =>
  usage === undefined ||
  usage.has(keyUsageBit.digitalSignature) ||
  usage.has(keyUsageBit.nonRepudiation)

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
