import type { Companion as Row, Deed } from '../contract/endpoint.ts'
import type { ErrorCode } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { digestText } from '../crypto/digest.ts'
import { makeEvent } from '../ledger/event.ts'
import type { Companion, Filing } from '../ledger/filing.ts'
import { parseReceiptNo } from '../ledger/receipt-no.ts'
import { type Exchange, found } from './exchange.ts'
import { clockMarginMs } from './nonce-purge.ts'
import type { PipelineDeps } from './pipeline-deps.ts'

/** What an exchange came to. */
export type Outcome = {
  readonly no: ReceiptNo
  readonly deed: Deed
  readonly status: number
  readonly code?: ErrorCode
  /** The exact text that is answered, without its receipt. */
  readonly answerText: string
  readonly companions?: readonly (Row | Companion)[]
}

/** Everything that a verified exchange leaves in the ledger: event, nonce, the signed request itself. */
export const filingOf = (deps: PipelineDeps, exchange: Exchange, outcome: Outcome): Filing => {
  const { no, deed, status, code, answerText, companions } = outcome
  const { nonce, created } = found(exchange.signature)
  const signatureBase = found(exchange.signatureBase)
  const caller = found(exchange.caller)
  const skewMs = deps.limits.skewSeconds * 1000
  return {
    no,
    ...makeEvent({
      no,
      now: deps.clock.now(),
      cityDate: deps.clock.cityDate(),
      deed,
      caller,
      status,
      requestDigest: digestText(deps.digestName, signatureBase),
      responseDigest: digestText(deps.digestName, answerText),
      ...(code === undefined ? {} : { code }),
      ...chainOf(exchange),
    }),
    nonce: {
      clientId: caller.clientId,
      nonce,
      keptUntil: new Date(
        Math.max(created * 1000, exchange.now.getTime()) + skewMs + clockMarginMs,
      ),
    },
    request: {
      signatureBase,
      signature: found(exchange.signature).signature,
      ...keptBody(exchange),
    },
    ...(companions === undefined ? {} : { companions }),
  }
}

const keptBody = ({ endpoint, body, bodyDigest }: Exchange) => {
  if (endpoint.body === 'stream') return { bodyDigest }
  return body.length > 0 ? { body } : {}
}

/** The client's own chain, as far as it is well-formed: refusals are filed before it is judged. */
const chainOf = ({ raw }: Exchange) => {
  const clientSequence = raw.headers.get('zhengqiao-seq')
  const lastReceiptNo = parseReceiptNo(raw.headers.get('zhengqiao-last') ?? '')
  return {
    ...(clientSequence !== undefined && /^\d{1,15}$/.test(clientSequence)
      ? { clientSequence }
      : {}),
    ...(lastReceiptNo === undefined ? {} : { lastReceiptNo }),
  }
}
