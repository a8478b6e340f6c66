declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream'
  import type { Submittable } from 'pg'

  /** The writing end of a `COPY … FROM STDIN`; "finish" comes when the server has taken everything. */
  export const from: (sql: string) => Writable & Submittable
}
