/** What stands open to anybody: health, the API document, keys, the log's tiles. Nothing about a person. */
export type OpenRoute = {
  readonly method: 'GET'
  /** Hono's notation. */
  readonly path: string
  readonly summaryZh: string
  /** Undefined: 404. */
  readonly answer: (
    params: Readonly<Record<string, string>>,
  ) => Promise<OpenAnswer | undefined> | OpenAnswer | undefined
}

export type OpenAnswer = {
  readonly status: 200 | 503
  readonly contentType: string
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly cacheControl?: string
}
