import type { Json } from '../contract/endpoint.ts'

/** One call that the walk asks a party's process to make under one of its keys. */
export type ActorCall = {
  readonly id: number
  /** Client id: whose key signs. */
  readonly as: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: Json
  /** Instead of `body`: NDJSON text. */
  readonly ndjson?: string
  /** The clerk in whose name a clerk system asks. */
  readonly operator?: string
}

/** What came back; `status` 0 = the call could not be made, `text` says why. */
export type ActorReply = {
  readonly id: number
  readonly status: number
  /** The answer's `data`, or the problem document. */
  readonly data: Json
  readonly receipt: Json
  /** The answer exactly as it was sent. */
  readonly text: string
}
