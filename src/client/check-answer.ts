import { type DigestName, digestText } from '../crypto/digest.ts'
import type { JsonObject } from '../crypto/json-value.ts'
import { type GmCrypto, openPlainGmCrypto } from '../crypto/provider/gm-crypto.ts'
import { emptyTrustFolder, loadTrust, type TrustFolder } from '../trust/load-trust.ts'
import { createSignatureVerifier } from '../trust/verify-signed.ts'
import { conclude } from '../verification/conclude.ts'
import { judgeReceipt } from '../verification/judge-receipt.ts'
import { receiptTextOf } from '../verification/read-receipt-file.ts'
import type { Report } from '../verification/report.ts'
import { defaultPolicy, type VerificationPolicy } from '../verification/verification-policy.ts'
import {
  openVerificationTrust,
  type VerificationTrust,
} from '../verification/verification-trust.ts'
import { EvidenceError } from './client-error.ts'
import type { GatewayAnswer } from './gateway-client.ts'

/** Whom a client believes: certificate anchors with CRLs, the gateway's note key, witnesses. */
export type ClientTrust = {
  readonly verification: VerificationTrust
  readonly policy: VerificationPolicy
}

/**
 * Reads a trust folder: anchors, other certificates, CRLs, and `*.vkey` note keys. Get it in a way that
 * you trust, not from the gateway itself.
 */
export const loadClientTrust = async (folder: string): Promise<ClientTrust> => {
  const gm = openPlainGmCrypto()
  const verifier = createSignatureVerifier(gm.verifiers.verifyDer)
  return clientTrust(await loadTrust(folder, verifier), defaultPolicy, gm)
}

/** The same from bytes at hand. */
export const clientTrust = (
  given: Partial<TrustFolder>,
  policy: VerificationPolicy = defaultPolicy,
  { verifiers, signatures }: GmCrypto = openPlainGmCrypto(),
): ClientTrust => ({
  verification: openVerificationTrust(
    { ...emptyTrustFolder, ...given },
    { certificateVerifier: createSignatureVerifier(verifiers.verifyDer), signatures },
  ),
  policy,
})

/**
 * Checks what an answer proves of itself: its receipt (on every good answer, and wherever there is one) and
 * the credentials in it, and that the receipt is of this very request.
 * @throws EvidenceError
 */
export const checkAnswer = (answer: GatewayAnswer, trust: ClientTrust, at: Date): void => {
  const { receipt, data, problem } = answer
  if (receipt === undefined) {
    if (data === undefined) return
    throw new EvidenceError('receipt_missing', 'a good answer without a receipt')
  }
  const report = judge(receipt, data ?? problem, { trust, at })
  if (report.verdict !== 'TOTAL_PASSED') throw unproven(report)
  requireOwn(report.facts['event'], answer)
}

const judge = (
  receipt: JsonObject,
  content: GatewayAnswer['data'],
  { trust, at }: { readonly trust: ClientTrust; readonly at: Date },
): Report => {
  const text = receiptTextOf(receipt)
  if (text === undefined) throw new EvidenceError('evidence_failed', 'the receipt cannot be read')
  const options = { trust: trust.verification, at, policy: liveAnswerPolicy(trust.policy) }
  return conclude(judgeReceipt({ receipt: text, answer: content }, options), options)
}

/** Witnesses sign after the answer has left; `checkCosigned` asks for them later. */
const liveAnswerPolicy = (policy: VerificationPolicy): VerificationPolicy => ({
  ...policy,
  levels: { ...policy.levels, cosignature: 'INFORM' },
})

const unproven = (report: Report): EvidenceError =>
  new EvidenceError(
    report.verdict === 'TOTAL_FAILED' ? 'evidence_failed' : 'evidence_open',
    report.message,
    { report },
  )

const requireOwn = (event: Report['facts'][string] | undefined, answer: GatewayAnswer): void => {
  const { status, sent } = answer
  const expected = {
    status,
    requestDigest: digestText(digestNameIn(memberOf(event, 'requestDigest')), sent.signatureBase),
    certificateId: sent.keyId,
    clientSequence: String(sent.sequence),
    lastReceiptNo: sent.lastReceiptNo,
  }
  for (const [name, value] of Object.entries(expected))
    if (memberOf(event, name) !== value)
      throw new EvidenceError('receipt_other_request', `${name} is not that of this exchange`)
}

/** The gateway's profile decides by which of the two its events are digested. */
const digestNameIn = (text: unknown): DigestName =>
  typeof text === 'string' && text.startsWith('sm3:') ? 'sm3' : 'sha-256'

const memberOf = (event: Report['facts'][string] | undefined, name: string): unknown =>
  typeof event === 'object' && event !== null
    ? Object.entries(event).find(([key]) => key === name)?.[1]
    : undefined
