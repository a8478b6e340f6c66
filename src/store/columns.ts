import type { ColumnType } from 'kysely'
import type { Json } from '../contract/endpoint.ts'

/** Bytes: read as Buffer, written from any Uint8Array. */
export type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>
export type BytesOrNull = ColumnType<
  Buffer | null,
  Uint8Array | null | undefined,
  Uint8Array | null
>
export type BytesList = ColumnType<Buffer[], readonly Uint8Array[], readonly Uint8Array[]>
/** jsonb: read as a value, written as JSON text (the driver would take an array for a PostgreSQL array). */
export type JsonColumn = ColumnType<Json, string, string>
export type JsonOrNull = ColumnType<Json | null, string | null | undefined, string | null>
export type TextList = ColumnType<string[], readonly string[], readonly string[]>
export type TextListOrNull = ColumnType<
  string[] | null,
  readonly string[] | null | undefined,
  readonly string[] | null
>
