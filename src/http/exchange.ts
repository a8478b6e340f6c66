import type { Caller } from '../contract/caller.ts'
import type { Call, Endpoint } from '../contract/endpoint.ts'
import type { FieldError } from '../contract/error.ts'
import type { KnownClient } from '../access/client.ts'
import type {
  RequestSignature,
  SignableRequest,
} from '../crypto/message-signature/request-signature.ts'
import type { JsonValue } from '../crypto/json-value.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Reservation } from './idempotency.ts'
import type { RawRequest } from './raw-request.ts'
import type { RateState } from './token-bucket.ts'

/**
 * One request on its way through the order of refusals. Each check may read what the checks before it
 * have found (through `found`), and adds its own finding.
 */
export type Exchange = {
  readonly raw: RawRequest
  readonly endpoint: Endpoint<Tx>
  readonly params: Readonly<Record<string, string>>
  readonly requestId: string
  /** When the head of the request was read. */
  readonly now: Date
  readonly signable: SignableRequest
  signature: RequestSignature | undefined
  signatureBase: string | undefined
  client: KnownClient | undefined
  /** Set once the signature is good: from here on the request is the client's own. */
  caller: Caller | undefined
  rate: RateState | undefined
  /** Counted among the bodies that are being streamed. */
  streaming: boolean
  body: Uint8Array
  /** `<digest name>:<base64url>` of the body; of a streamed body once it has ended. */
  bodyDigest: string
  json: JsonValue | undefined
  query: Readonly<Record<string, string>>
  parsedBody: unknown
  valueErrors: readonly FieldError[]
  reservation: Reservation | undefined
  /** The ledger holds the nonce already, though this exchange is going to be refused. */
  nonceFiled: boolean
}

/** What an earlier check must have found; the order of refusals is wrong if it has not. */
export const found = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('a check ran before the one that it builds on')
  return value
}

/** The request as an endpoint's handler sees it. */
export const callOf = <OpenTx>(
  exchange: Exchange,
  tx: OpenTx,
  stream: AsyncIterable<Uint8Array> = noStream,
): Call<unknown, OpenTx> => ({
  caller: found(exchange.caller),
  requestId: exchange.requestId,
  params: exchange.params,
  query: exchange.query,
  body: exchange.parsedBody,
  stream,
  signed: {
    signatureBase: found(exchange.signatureBase),
    signature: found(exchange.signature).signature,
    certificateDer: found(exchange.client).certificateDer,
    bodyBytes: exchange.body,
    bodyDigest: exchange.bodyDigest,
  },
  tx,
})

const noStream: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: async function* () {
    // A request whose body was read whole has nothing left to stream.
  },
}
