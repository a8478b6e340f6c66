/** Coded conditions of the store; a person who operates the gateway meets them, never an API caller. */
export type StoreErrorCode =
  | 'database_unreachable'
  | 'database_unsuitable'
  | 'embedded_account'
  | 'embedded_init'
  | 'embedded_missing'
  | 'embedded_native'
  | 'embedded_pointer'
  | 'embedded_start'
  | 'key_file'
  | 'migration_edited'
  | 'migration_failed'
  | 'migration_invalid'
  | 'profile_mismatch'
  | 'schema_newer'
  | 'wrong_environment'

/** Says in Chinese and in English what is wrong and what the operator can do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly messageZh: string
  readonly messageEn: string

  constructor(code: StoreErrorCode, messageZh: string, messageEn: string, cause?: unknown) {
    super(`${messageZh}\n${messageEn}`, { cause })
    this.code = code
    this.messageZh = messageZh
    this.messageEn = messageEn
  }
}

/** `code` of a Node.js or PostgreSQL error (ENOENT, 57P03 …), else undefined. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const lossCodes = ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']

/**
 * True when the server is away, starting, stopping, or dropped us: the same work may succeed later, and
 * what was under way has not been committed unless the commit itself was lost on the way.
 */
export const isConnectionLoss = (error: unknown): boolean => {
  const code = codeOf(error) ?? ''
  if (/^(08...|57P0[1-5])$/.test(code) || lossCodes.includes(code)) return true
  return error instanceof Error && /^Connection terminated|timeout .*connect/i.test(error.message)
}
