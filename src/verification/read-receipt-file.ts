import { CryptoError } from '../crypto/crypto-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'

/** A receipt and, where it is at hand, the answer whose digest it holds. */
export type ReceiptFile = {
  readonly receipt: ReceiptText
  readonly answer: JsonValue | undefined
}

/** The members of a receipt as they stand; nothing of it is verified. */
export type ReceiptText = {
  readonly no: string
  readonly event: string
  readonly salt: string
  readonly proof: string
}

/**
 * Reads `{receipt, data?}`, an answer `{data, receipt}`, a problem document with its receipt, or a bare
 * receipt. Undefined when it is none of them.
 */
export const readReceiptFile = (bytes: Uint8Array): ReceiptFile | undefined => {
  const value = parse(bytes)
  return isJsonObject(value) ? receiptFileOf(value) : undefined
}

/** The receipt, if the value has exactly its four members. */
export const receiptTextOf = (value: JsonValue | undefined): ReceiptText | undefined => {
  if (!isJsonObject(value) || Object.keys(value).length !== 4) return undefined
  const { no, event, salt, proof } = value
  return typeof no === 'string' &&
    typeof event === 'string' &&
    typeof salt === 'string' &&
    typeof proof === 'string'
    ? { no, event, salt, proof }
    : undefined
}

const receiptFileOf = (value: JsonObject): ReceiptFile | undefined => {
  const bare = receiptTextOf(value)
  if (bare !== undefined) return { receipt: bare, answer: undefined }
  const { receipt: enclosed, ...rest } = value
  const receipt = receiptTextOf(enclosed)
  if (receipt === undefined) return undefined
  const members = Object.keys(rest)
  if (members.length === 0) return { receipt, answer: undefined }
  if (members.length === 1 && rest['data'] !== undefined) return { receipt, answer: rest['data'] }
  return isProblem(rest) ? { receipt, answer: rest } : undefined
}

const isProblem = ({ type, code, status }: JsonObject): boolean =>
  typeof type === 'string' && typeof code === 'string' && typeof status === 'number'

const parse = (bytes: Uint8Array): JsonValue | undefined => {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
