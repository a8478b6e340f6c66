/** A row of an untyped query. Each reader throws TypeError when the column is not what the SQL promises. */
export type QueryRow = Readonly<Record<string, unknown>>

export const textIn = (row: QueryRow, column: string): string => {
  const value = row[column]
  if (typeof value !== 'string') throw unexpected(column)
  return value
}

export const textOrNullIn = (row: QueryRow, column: string): string | null =>
  row[column] === null ? null : textIn(row, column)

export const numberIn = (row: QueryRow, column: string): number => {
  const value = row[column]
  if (typeof value !== 'number') throw unexpected(column)
  return value
}

export const booleanIn = (row: QueryRow, column: string): boolean => {
  const value = row[column]
  if (typeof value !== 'boolean') throw unexpected(column)
  return value
}

export const timeIn = (row: QueryRow, column: string): Date => {
  const value = row[column]
  if (!(value instanceof Date)) throw unexpected(column)
  return value
}

export const bytesIn = (row: QueryRow, column: string): Buffer => {
  const value = row[column]
  if (!Buffer.isBuffer(value)) throw unexpected(column)
  return value
}

/** The member of a closed list that a text column holds. */
export const memberIn = <Member extends string>(
  row: QueryRow,
  column: string,
  members: readonly Member[],
): Member => {
  const member = members.find((candidate) => candidate === row[column])
  if (member === undefined) throw unexpected(column)
  return member
}

const unexpected = (column: string): TypeError => new TypeError(`unexpected value in ${column}`)
