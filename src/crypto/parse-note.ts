import { decodeBase64 } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { isKeyName } from './note-key.ts'

const noteCharactersMax = 1_000_000
const signaturesMax = 100

export type NoteSignature = {
  readonly name: string
  readonly keyId: number
  readonly signature: Uint8Array
}

export type Note = {
  /** With its final newline: the bytes that are signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/**
 * Takes a C2SP signed note apart: text, the last empty line, signature lines; nothing is verified.
 * @throws CryptoError note_malformed
 */
export const parseNote = (note: string): Note => {
  if (note.length > noteCharactersMax) throw malformed('too long')
  if (hasForbiddenCharacter(note)) throw malformed('control character or lone surrogate')
  const end = note.lastIndexOf('\n\n')
  if (end < 0) throw malformed('no empty line before the signatures')
  const lines = note.slice(end + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0) throw malformed('last line has no newline')
  if (lines.length > signaturesMax) throw malformed('too many signatures')
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignatureLine) }
}

/** True for characters that a signed note must not have. */
export const hasForbiddenCharacter = (text: string): boolean =>
  /[\0-\x09\x0b-\x1f]|\p{Surrogate}/u.test(text)

const readSignatureLine = (line: string): NoteSignature => {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? []
  const bytes = decode(encoded)
  if (!isKeyName(name) || bytes.length < 5) throw malformed('a signature line is malformed')
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) }
}

const decode = (encoded: string): Buffer => {
  try {
    return Buffer.from(decodeBase64(encoded))
  } catch (cause) {
    throw malformed('a signature is not base64', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('note_malformed', message, { cause })
