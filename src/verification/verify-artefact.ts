import { conclude } from './conclude.ts'
import { detectArtefact, type Look } from './detect-artefact.ts'
import { broken, open } from './finding.ts'
import { judgeCertificate } from './judge-certificate.ts'
import { judgeSignedData } from './judge-signed-data.ts'
import { judgeTimestamp } from './judge-timestamp.ts'
import { judgeReceipt } from './judge-receipt.ts'
import { readReceiptFile } from './read-receipt-file.ts'
import type { Judgement, Report } from './report.ts'
import { judgeCredential } from './judge-credential.ts'
import { defaultPolicy, type VerificationPolicy } from './verification-policy.ts'
import type { VerificationTrust } from './verification-trust.ts'
import type { VerifyOptions } from './verify-options.ts'

export type ArtefactOptions = {
  readonly trust: VerificationTrust
  readonly at: Date
  readonly policy?: VerificationPolicy
  /** What a timestamp token or a detached signature is over; undefined where it is not at hand. */
  readonly detached?: Uint8Array | undefined
  /** What the file's name says it is; without it, the bytes alone decide. */
  readonly look?: Look | undefined
}

/**
 * Verifies whatever the bytes are: a licence credential (SD-JWT), a receipt or an answer with its
 * receipt, a certificate, a timestamp token, CMS signed data. Everything is judged offline: a licence's own status is not looked up. Bytes
 * that look like nothing known are INDETERMINATE. Never throws for what the bytes hold.
 */
export const verifyArtefact = (bytes: Uint8Array, options: ArtefactOptions): Report => {
  const whole = { ...options, policy: options.policy ?? defaultPolicy }
  return conclude(judge(bytes, options.look ?? detectArtefact(bytes), whole), whole)
}

const judge = (bytes: Uint8Array, look: Look, options: VerifyOptions): Judgement => {
  switch (look) {
    case 'credential':
      return judgeCredential(Buffer.from(bytes).toString('latin1').trim(), options)
    case 'receipt':
      return judgeReceiptBytes(bytes, options)
    case 'certificate':
      return judgeCertificate(bytes, options)
    case 'timestamp':
      return judgeTimestamp(bytes, options)
    case 'signedData':
      return judgeSignedData(bytes, options)
    case 'unknown': {
      const findings = [open('artefact_known', 'GENERIC')]
      return { artefact: 'unknown', findings, facts: { bytes: bytes.length } }
    }
  }
}

const judgeReceiptBytes = (bytes: Uint8Array, options: VerifyOptions): Judgement => {
  const file = readReceiptFile(bytes)
  if (file !== undefined) return judgeReceipt(file, options)
  const findings = [broken('receipt_format', 'FORMAT_FAILURE')]
  return { artefact: 'receipt', findings, facts: {} }
}
