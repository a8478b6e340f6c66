import { hash } from 'node:crypto'
import type { CertificatePath } from './build-paths.ts'
import { keyUsageBit } from './certificate-extensions.ts'
import { tryParseCertificate } from './certificate-source.ts'
import { revokedStatus, type CertificateStatus, type StatusInputs } from './certificate-status.ts'
import { hashName } from './hash-name.ts'
import { judgePublicKey, judgeSignatureAlgorithm } from './judge-algorithms.ts'
import { judgeByCrls } from './judge-crl-status.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { OcspAnswer, ParsedOcsp } from './parse-ocsp.ts'

/** RFC 6960: what the OCSP responses at hand say of a certificate; `above` is its path, issuer to anchor. */
export const judgeByOcsp = (
  certificate: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): CertificateStatus => {
  const [issuer] = above
  let result: CertificateStatus = { kind: 'unknown', reason: 'no_data' }
  if (issuer === undefined) return result
  for (const response of inputs.revocation.flatMap(({ ocsp }) => ocsp)) {
    const answer = response.answers.find((each) => isAbout(each, certificate, issuer))
    if (answer === undefined) continue
    const status = isAuthorised(response, above, inputs)
      ? readAnswer(answer, inputs.at)
      : ({ kind: 'unknown', reason: 'ocsp_signer' } as const)
    if (status.kind === 'revoked' || status.kind === 'onHold') return status
    if (result.kind === 'unknown') result = status
  }
  return result
}

const readAnswer = (answer: OcspAnswer, at: Date): CertificateStatus => {
  const { status, thisUpdate, nextUpdate } = answer
  // Without nextUpdate newer data may be had at any time: such an answer is never current.
  const isCurrent = nextUpdate !== undefined && thisUpdate <= at && at <= nextUpdate
  if (status.kind === 'revoked') {
    const { reason } = status
    const revoked = revokedStatus({ at: status.at, reason }, isCurrent, at)
    return revoked ?? { kind: 'unknown', reason: 'ocsp_not_current' }
  }
  if (!isCurrent) return { kind: 'unknown', reason: 'ocsp_not_current' }
  return status.kind === 'good'
    ? { kind: 'good', windows: [{ from: thisUpdate, until: nextUpdate }] }
    : { kind: 'unknown', reason: 'ocsp_unknown' }
}

const isAbout = (
  answer: OcspAnswer,
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
): boolean => {
  const name = hashName(answer.hash)
  if (name === undefined || Buffer.compare(answer.serial, certificate.serial) !== 0) return false
  return (
    Buffer.compare(hash(name, issuer.subject.encoding, 'buffer'), answer.issuerNameHash) === 0 &&
    Buffer.compare(hash(name, issuer.publicKey.bits, 'buffer'), answer.issuerKeyHash) === 0
  )
}

/** §4.2.2.2: signed by the issuer itself, or by a delegate that this very issuer marked for OCSP. */
const isAuthorised = (
  response: ParsedOcsp,
  above: CertificatePath,
  inputs: StatusInputs,
): boolean => {
  const [issuer] = above
  if (issuer === undefined) return false
  if (judgeSignatureAlgorithm(response.signatureAlgorithm, inputs.algorithms) !== undefined) {
    return false
  }
  const delegates = delegatesOf(response, inputs).filter((each) =>
    isDelegate(each, issuer, above, inputs),
  )
  return [issuer, ...delegates].some(
    (signer) => isNamed(response, signer) && inputs.desk(response, signer.publicKey) === 'right',
  )
}

const isNamed = ({ responder }: ParsedOcsp, signer: ParsedCertificate): boolean =>
  'nameKey' in responder
    ? responder.nameKey === signer.subject.key
    : Buffer.compare(hash('sha1', signer.publicKey.bits, 'buffer'), responder.keyHash) === 0

const delegatesOf = (
  { certificates, responder }: ParsedOcsp,
  inputs: StatusInputs,
): readonly ParsedCertificate[] => {
  const enclosed = certificates.map(tryParseCertificate).filter((each) => each !== undefined)
  const name = 'nameKey' in responder ? responder.nameKey : undefined
  const known =
    name === undefined ? [] : inputs.certificates.flatMap(({ pool }) => pool.get(name) ?? [])
  return [...enclosed, ...known]
}

const isDelegate = (
  delegate: ParsedCertificate,
  issuer: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): boolean =>
  delegate.issuer.key === issuer.subject.key &&
  isMarkedForOcsp(delegate, inputs.at) &&
  judgeSignatureAlgorithm(delegate.signatureAlgorithm, inputs.algorithms) === undefined &&
  judgePublicKey(delegate.publicKey, inputs.algorithms) === undefined &&
  inputs.desk(delegate, issuer.publicKey) === 'right' &&
  (delegate.decoded.values.ocspNoCheck === true ||
    judgeByCrls(delegate, above, inputs).kind === 'good')

const isMarkedForOcsp = (
  { decoded, notBefore, notAfter }: ParsedCertificate,
  at: Date,
): boolean => {
  const { extKeyUsage = [], keyUsage } = decoded.values
  const isSound = decoded.unknownCritical.length + decoded.malformed.length === 0
  const maySign = keyUsage?.has(keyUsageBit.digitalSignature) ?? true
  const isValid = notBefore <= at && at <= notAfter
  return isSound && maySign && isValid && extKeyUsage.includes(oid.ocspSigning)
}
