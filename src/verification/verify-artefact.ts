import { conclude } from './conclude.ts'
import { detectArtefact } from './detect-artefact.ts'
import { broken, open } from './finding.ts'
import { judgeCertificate } from './judge-certificate.ts'
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
}

/**
 * Verifies whatever the bytes are: a licence credential (SD-JWT), a receipt or an answer with its
 * receipt, a certificate. Everything is judged offline: a licence's own status is not looked up. Bytes
 * that look like nothing known are INDETERMINATE. Never throws for what the bytes hold.
 */
export const verifyArtefact = (bytes: Uint8Array, options: ArtefactOptions): Report => {
  const whole = { ...options, policy: options.policy ?? defaultPolicy }
  return conclude(judge(bytes, whole), whole)
}

const judge = (bytes: Uint8Array, options: VerifyOptions): Judgement => {
  switch (detectArtefact(bytes)) {
    case 'credential':
      return judgeCredential(Buffer.from(bytes).toString('latin1').trim(), options)
    case 'receipt':
      return judgeReceiptBytes(bytes, options)
    case 'certificate':
      return judgeCertificate(bytes, options)
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
