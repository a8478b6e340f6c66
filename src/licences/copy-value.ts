/** One value in PostgreSQL's binary representation; null is NULL. */
export type CopyValue = Uint8Array | null

export const copyText = (text: string | null): CopyValue =>
  text === null ? null : Buffer.from(text)

export const copyUuid = (uuid: string | null): CopyValue =>
  uuid === null ? null : Buffer.from(uuid.replaceAll('-', ''), 'hex')

export const copyInt = (value: number): CopyValue => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const copyBigint = (value: number): CopyValue => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export const copyBoolean = (value: boolean): CopyValue => Buffer.of(value ? 1 : 0)

/** Microseconds since 2000-01-01 UTC. */
export const copyTime = (instant: Date): CopyValue => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(instant.getTime() - epochMs) * 1000n)
  return bytes
}

/** Rows in the binary COPY format, with header and trailer. */
export const encodeCopy = (rows: readonly (readonly CopyValue[])[]): Buffer => {
  const bytes = Buffer.allocUnsafe(rows.reduce((sum, row) => sum + sizeOf(row), header.length + 2))
  header.copy(bytes)
  let at = header.length
  for (const row of rows) at = writeRow(bytes, row, at)
  bytes.writeInt16BE(-1, at)
  return bytes
}

const epochMs = Date.UTC(2000, 0, 1)
const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])

const sizeOf = (row: readonly CopyValue[]): number =>
  row.reduce((sum, value) => sum + 4 + (value?.length ?? 0), 2)

const writeRow = (bytes: Buffer, row: readonly CopyValue[], start: number): number => {
  let at = bytes.writeInt16BE(row.length, start)
  for (const value of row) {
    at = bytes.writeInt32BE(value?.length ?? -1, at)
    if (value === null) continue
    bytes.set(value, at)
    at += value.length
  }
  return at
}
