import { decodeBase64Url } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { leafHash } from '../crypto/merkle.ts'
import { entryOf } from '../ledger/prepare-filing.ts'
import { broken, open, passed } from './finding.ts'
import { judgeEvent, readEvent } from './judge-event.ts'
import { conclude } from './conclude.ts'
import { judgeCredentialsIn } from './judge-credentials-in.ts'
import { objectsIn } from './objects-in.ts'
import { judgeProof } from './judge-proof.ts'
import { receiptTextOf, type ReceiptFile, type ReceiptText } from './read-receipt-file.ts'
import type { Finding, Judgement, Report } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

/**
 * Judges a receipt with nothing but the log's public key: the event's bytes, their place in the signed
 * tree, the answer's digest, and everything inside the answer that can be verified by itself.
 */
export const judgeReceipt = (
  { receipt, answer }: ReceiptFile,
  options: VerifyOptions,
): Judgement => {
  const opened = decode(receipt)
  if (opened === undefined) {
    return failed(broken('receipt_format', 'FORMAT_FAILURE', 'base64url'))
  }
  const proof = judgeProof(receipt.proof, (name) => leafHash(entryOf(opened, name), name), options)
  const event = readEvent(opened.event)
  if (event === undefined) {
    const findings = [...proof.findings, broken('event_canonical', 'FORMAT_FAILURE')]
    return { artefact: 'receipt', findings, facts: { ...proof.facts, no: receipt.no } }
  }
  const credentials = judgeCredentialsIn(answer, event, options)
  const parts = [...credentials.parts, ...judgeReceiptsIn(answer, options)]
  return {
    artefact: 'receipt',
    findings: [
      passed('receipt_format'),
      ...judgeEvent(event, receipt.no, answer),
      ...proof.findings,
      ...credentials.findings,
      ...partFindings(parts),
    ],
    facts: { no: receipt.no, event, ...proof.facts },
    parts,
  }
}

/** An answer to GET /v1/receipts/{no} holds another receipt as its data. */
const judgeReceiptsIn = (
  answer: ReceiptFile['answer'],
  options: VerifyOptions,
): NonNullable<Report['parts']> =>
  [...objectsIn(answer, '')].flatMap(({ pointer, value }) => {
    const receipt = receiptTextOf(value)
    if (receipt === undefined) return []
    const judgement = judgeReceipt({ receipt, answer: undefined }, options)
    return [{ pointer, report: conclude(judgement, options) }]
  })

const failed = (finding: Finding): Judgement => ({
  artefact: 'receipt',
  findings: [finding],
  facts: {},
})

const saltBytes = 32

const decode = ({ event, salt }: ReceiptText) => {
  try {
    const opened = { event: decodeBase64Url(event), salt: decodeBase64Url(salt) }
    return opened.salt.length === saltBytes ? opened : undefined
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}

/** The whole is as good as its worst part. */
const partFindings = (parts: NonNullable<Report['parts']>): readonly Finding[] => {
  const worst =
    parts.find(({ report }) => report.verdict === 'TOTAL_FAILED') ??
    parts.find(({ report }) => report.verdict === 'INDETERMINATE')
  if (worst === undefined) return parts.length > 0 ? [passed('parts')] : []
  const { verdict, subIndication = 'GENERIC', messageZh } = worst.report
  const detail = `${worst.pointer} ${messageZh}`
  return [(verdict === 'TOTAL_FAILED' ? broken : open)('parts', subIndication, detail)]
}
