import type { DataKeys } from './data-keys.ts'

/** A row's own values, as far as a sealed column names them. */
export type SealedRow = Readonly<Record<string, string | number>>

export type KeyColumn = { readonly name: string; readonly type: 'uuid' | 'text' | 'bigint' | 'int' }

/**
 * A column of AEAD blobs as a change of data keys needs to know it. Every room describes its own; a test
 * compares the list with the database.
 */
export type SealedColumn = {
  readonly table: string
  /** The primary key, in its order. */
  readonly key: readonly KeyColumn[]
  readonly blob: string
  /** The column that says under which key the blob stands. */
  readonly keyId: string
  /** Further columns that `context` reads. */
  readonly also?: readonly string[]
  /** What binds the blob to its row. */
  readonly context: (row: SealedRow) => Uint8Array
  /** A keyed hash beside the blob, made anew of its plaintext. */
  readonly index?: {
    readonly column: string
    readonly of: (plaintext: Buffer, keys: Pick<DataKeys, 'index'>) => Buffer
  }
  /** Further assignments of the update, in SQL, with the row as `t`. */
  readonly set?: string
}
