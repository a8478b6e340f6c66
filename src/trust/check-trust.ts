import type { TrustFolder } from './load-trust.ts'
import { nameText } from './parse-name.ts'
import { defaultPathPolicy } from './path-policy.ts'
import { tryParseCertificate } from './certificate-source.ts'
import { answerPath, openTrust } from './validate-path.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type TrustProblem = {
  readonly fingerprint: string
  readonly name: string
  readonly message: string
  readonly messageZh: string
}

/**
 * What would keep the folder's own certificates from being believed at a time: anchors out of validity,
 * CAs without a path, revoked ones, missing or stale CRLs.
 */
export const checkTrust = (
  folder: TrustFolder,
  at: Date,
  verifier: SignatureVerifier,
): readonly TrustProblem[] => {
  const trust = [openTrust({ ...folder, anchorPurposes: {} })]
  const anchors = folder.anchors.flatMap((der) => judgeAnchor(der, at))
  const others = folder.pool.flatMap((der) => {
    const certificate = tryParseCertificate(der)
    // A responder's certificate that says so is not looked up (RFC 6960 §4.2.2.2.1).
    if (certificate === undefined || certificate.decoded.values.ocspNoCheck === true) return []
    const verdict = answerPath({ leaf: der, trust, at, policy: defaultPathPolicy, verifier })
    if (verdict.verdict === 'passed') return []
    const { message, messageZh } = verdict
    const name = nameText(certificate.subject)
    return [{ fingerprint: certificate.id, name, message, messageZh }]
  })
  return [...anchors, ...others]
}

const judgeAnchor = (der: Uint8Array, at: Date): readonly TrustProblem[] => {
  const anchor = tryParseCertificate(der)
  if (anchor === undefined || (anchor.notBefore <= at && at <= anchor.notAfter)) return []
  const { id: fingerprint, subject } = anchor
  const [message, messageZh] = ['the anchor is not within its validity', '信任锚不在有效期内']
  return [{ fingerprint, name: nameText(subject), message, messageZh }]
}
