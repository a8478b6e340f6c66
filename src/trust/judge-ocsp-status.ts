import { hash } from 'node:crypto'
import type { CertificatePath } from './build-paths.ts'
import { keyUsageBit } from './certificate-extensions.ts'
import { tryParseCertificate } from './certificate-source.ts'
import {
  earlier,
  revokedStatus,
  type CertificateStatus,
  type StatusInputs,
} from './certificate-status.ts'
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
    const answers = response.answers.filter((each) => isAbout(each, certificate, issuer))
    if (answers.length === 0) continue
    const until = authorisedUntil(response, above, inputs)
    for (const answer of answers) {
      const status: CertificateStatus =
        until === undefined
          ? { kind: 'unknown', reason: 'ocsp_signer' }
          : readAnswer(answer, response.producedAt, inputs.at, until)
      if (status.kind === 'revoked' || status.kind === 'onHold') return status
      if (result.kind === 'unknown') result = status
    }
  }
  return result
}

const readAnswer = (
  answer: OcspAnswer,
  producedAt: Date,
  at: Date,
  signerUntil: Date,
): CertificateStatus => {
  const { status, thisUpdate, nextUpdate } = answer
  // Without nextUpdate newer data may be had at any time: such an answer is never current.
  const isBegun = thisUpdate <= at && producedAt <= at
  const isCurrent = nextUpdate !== undefined && isBegun && at <= nextUpdate
  if (status.kind === 'revoked') {
    const { reason } = status
    const revoked = revokedStatus({ at: status.at, reason }, isCurrent, at)
    return revoked ?? { kind: 'unknown', reason: 'ocsp_not_current' }
  }
  if (!isCurrent) return { kind: 'unknown', reason: 'ocsp_not_current' }
  return status.kind === 'good'
    ? { kind: 'good', windows: [{ from: thisUpdate, until: earlier(nextUpdate, signerUntil) }] }
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

/**
 * §4.2.2.2: signed by the issuer itself, or by a delegate that this very issuer marked for OCSP.
 * Answers until when that holds.
 */
const authorisedUntil = (
  response: ParsedOcsp,
  above: CertificatePath,
  inputs: StatusInputs,
): Date | undefined => {
  const [issuer] = above
  const weakness = judgeSignatureAlgorithm(response.signatureAlgorithm, inputs.algorithms)
  if (issuer === undefined || weakness !== undefined) return undefined
  const signed = (signer: ParsedCertificate): boolean =>
    isNamed(response, signer) && inputs.desk(response, signer.publicKey) === 'right'
  if (signed(issuer)) return issuer.notAfter
  return delegatesOf(response, inputs)
    .filter((each) => isDelegate(each, issuer, inputs) && signed(each))
    .map((each) => delegateUntil(each, above, inputs))
    .find((until) => until !== undefined)
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
  { at, algorithms, desk }: StatusInputs,
): boolean =>
  delegate.issuer.key === issuer.subject.key &&
  isMarkedForOcsp(delegate, at) &&
  judgeSignatureAlgorithm(delegate.signatureAlgorithm, algorithms) === undefined &&
  judgePublicKey(delegate.publicKey, algorithms) === undefined &&
  desk(delegate, issuer.publicKey) === 'right'

/** A delegate's own status is looked up in CRLs unless its certificate says that it need not be. */
const delegateUntil = (
  delegate: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): Date | undefined => {
  if (delegate.decoded.values.ocspNoCheck === true) return delegate.notAfter
  const status = judgeByCrls(delegate, above, inputs)
  return status.kind === 'good'
    ? status.windows.map(({ until }) => until).reduce(earlier, delegate.notAfter)
    : undefined
}

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
