import type { ZodType, output } from 'zod'
import type { Caller, Role } from './caller.ts'
import type { ErrorCode } from './error.ts'

/** JSON as it stands on the wire and in events. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json }

/** What an exchange says about itself in the evidence (evidence.md); the pipeline adds the rest. */
export type Deed = {
  /** Dotted name from docs/audit-events.md, e.g. `case.check`. */
  readonly action: string
  readonly decision: 'allowed' | 'denied' | 'partial'
  readonly caseId?: string
  readonly assurance?: string
  readonly itemCode?: string
  readonly itemVersion?: number
  readonly legalBasis?: string
  readonly licences?: readonly DisclosedLicence[]
  /** Keyed hash of the holder, a search column only; never part of the event. */
  readonly subjectIndex?: Uint8Array
  /** Further facts without personal data. */
  readonly detail?: Json
}

export type DisclosedLicence = {
  readonly licenceId: string
  readonly version: string
  readonly fields: readonly string[]
  readonly status: string
  readonly statusAsOf: string
  readonly statusSource: string
}

/** A row that must be stored in the same commit as the event of a read. */
export type Companion = {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
  /** `ignore` keeps a row that is there already; without it the filing is refused. */
  readonly conflict?: 'ignore'
}

export type Answer = {
  readonly status: 200 | 201 | 202
  readonly data: Json
  readonly deed: Deed
  readonly companions?: readonly Companion[]
  readonly headers?: Readonly<Record<string, string>>
  /** What is kept for a repetition of the request instead of `data`, where `repeat` makes it of that. */
  readonly kept?: Json
}

/** One verified request, as an endpoint sees it. `Tx` is the open transaction of a write, else undefined. */
export type Call<Body, Tx> = {
  readonly caller: Caller
  readonly requestId: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Body
  /** Present for `body: 'stream'` only; the digest is checked when the stream has ended, before the commit. */
  readonly stream: AsyncIterable<Uint8Array>
  /** The signed request itself: what a release order is made of. */
  readonly signed: SignedRequest
  readonly tx: Tx
}

export type SignedRequest = {
  readonly signatureBase: string
  readonly signature: Uint8Array
  readonly certificateDer: Uint8Array
  readonly bodyBytes: Uint8Array
  /** `sha-256:<base64url>` of the body (`sm3:` under the gm profile). */
  readonly bodyDigest: string
}

type EndpointHead = {
  readonly operationId: string
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Hono's notation: `/v1/cases/:caseId/checks`. */
  readonly path: string
  readonly summaryZh: string
  readonly roles: readonly Role[]
  /** Idempotency-Key is required and honoured. */
  readonly idempotent: boolean
  /** Clerk systems must name a registered operator in `zhengqiao-operator`. */
  readonly operatorRequired: boolean
  readonly query?: ZodType
  readonly bodyBytesMax?: number
  /** Schema of `data` in the answer, for the OpenAPI document. */
  readonly data: ZodType
  /** Codes that this route can answer besides those of the pipeline. */
  readonly codes: readonly ErrorCode[]
}

/**
 * One route as data: the table of refusals, the OpenAPI document and the test over all routes are made
 * of these. A `read` is filed through the ledger's queue (`tx` is undefined), a `write` runs inside one
 * transaction that also holds its nonce, its idempotency result and its event.
 */
export type Endpoint<Tx> = ReadEndpoint | WriteEndpoint<Tx>

export type ReadEndpoint = EndpointHead & {
  readonly kind: 'read'
  readonly body?: ZodType
  readonly handle: (call: Call<unknown, undefined>) => Promise<Answer>
  /**
   * Judges whether a first answer may be given again, says what it discloses, and gives its very data of
   * what was kept of it. Without it `handle` runs again for the judgement, and the data itself is kept.
   */
  readonly repeat?: (call: Call<unknown, undefined>, kept: Json) => Promise<Repeated>
  /**
   * For who accepts `text/event-stream`: the answer with its receipt is the first server-sent event,
   * these follow until the signal. They may tell nothing that would have to be filed.
   */
  readonly follow?: (
    call: Call<unknown, undefined>,
    signal: AbortSignal,
  ) => AsyncIterable<StreamEvent>
}

/** One server-sent event. */
export type StreamEvent = { readonly event: string; readonly data: Json }

export type Repeated = { readonly deed: Deed; readonly data: Json }

export type WriteEndpoint<Tx> = EndpointHead & {
  readonly kind: 'write'
  readonly body?: ZodType | 'stream'
  readonly handle: (call: Call<unknown, Tx>) => Promise<Answer>
}

/** Types a read's handler by its body schema. */
export const readEndpoint = <Body extends ZodType>(
  spec: EndpointHead & {
    readonly body?: Body
    readonly handle: (call: Call<output<Body>, undefined>) => Promise<Answer>
    readonly repeat?: NonNullable<ReadEndpoint['repeat']>
    readonly follow?: NonNullable<ReadEndpoint['follow']>
  },
): ReadEndpoint => ({ ...spec, kind: 'read', handle: (call) => spec.handle(asParsed(call)) })

/** Types a write's handler by its body schema. */
export const writeEndpoint = <Tx, Body extends ZodType>(
  spec: EndpointHead & {
    readonly body?: Body
    readonly handle: (call: Call<output<Body>, Tx>) => Promise<Answer>
  },
): WriteEndpoint<Tx> => ({ ...spec, kind: 'write', handle: (call) => spec.handle(asParsed(call)) })

/** Types a write whose body is consumed as a stream (stock chunks). */
export const streamEndpoint = <Tx>(
  spec: EndpointHead & { readonly handle: (call: Call<unknown, Tx>) => Promise<Answer> },
): WriteEndpoint<Tx> => ({ ...spec, kind: 'write', body: 'stream' })

/** The pipeline has parsed the body with the endpoint's own schema before it calls the handler. */
const asParsed = <Body, Tx>(call: Call<unknown, Tx>): Call<Body, Tx> => call as Call<Body, Tx>
