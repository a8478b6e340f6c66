/** What is known of an answered request, without anything of its content. */
export type AnsweredRequest = {
  readonly method: string
  /** The route's pattern, never the address itself. */
  readonly route: string
  readonly status: number
  /** Problem code, when it was refused. */
  readonly code: string | undefined
  readonly durationMs: number
}

/** Told of every answer of an endpoint before it leaves; must not throw and must not wait. */
export type ObserveRequest = (request: AnsweredRequest) => void
