declare module 'pg-copy-streams' {
  import type { Readable, Writable } from 'node:stream'
  import type { Submittable } from 'pg'

  /** The writing end of a `COPY … FROM STDIN`; "finish" comes when the server has taken everything. */
  export const from: (sql: string) => Writable & Submittable

  /** The reading end of a `COPY … TO STDOUT`. */
  export const to: (sql: string) => Readable & Submittable
}
