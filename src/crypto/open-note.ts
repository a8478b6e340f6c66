import { CryptoError } from './crypto-error.ts'
import { cosignedBytes } from './cosigned-bytes.ts'
import type { NoteKeyType, NoteVerifierKey } from './note-key.ts'
import { parseNote, type NoteSignature } from './parse-note.ts'
import { verifySignature, type VerifyContext } from './verify-signature.ts'

export type VerifiedNoteSignature = {
  readonly name: string
  readonly keyId: number
  readonly type: NoteKeyType
  /** POSIX seconds that a cosigner stated; undefined for other types. */
  readonly timestamp: number | undefined
}

export type OpenedNote = {
  /** With its final newline. */
  readonly text: string
  readonly verified: readonly VerifiedNoteSignature[]
  /** Signature lines of keys that the verifier does not know; nothing is known about them. */
  readonly unknown: readonly NoteSignature[]
}

/**
 * Opens a C2SP signed note: every signature of a known key must be good, and there must be one. Who must
 * have signed is for the caller to ask of `verified`.
 * @throws CryptoError note_malformed, signature_invalid, note_unverified
 */
export const openNote = (
  note: string,
  verifiers: readonly NoteVerifierKey[],
  context: VerifyContext = {},
): OpenedNote => {
  const { text, signatures } = parseNote(note)
  const verified: VerifiedNoteSignature[] = []
  const unknown: NoteSignature[] = []
  for (const signature of signatures) {
    const keys = verifiers.filter((key) => isMeant(key, signature))
    if (keys.length === 0) unknown.push(signature)
    else verified.push(verifyLine(text, signature, keys, context))
  }
  if (verified.length === 0) throw new CryptoError('note_unverified', 'no signature by a known key')
  return { text, verified, unknown }
}

const isMeant = (key: NoteVerifierKey, { name, keyId }: NoteSignature): boolean =>
  key.name === name && key.keyId === keyId

const verifyLine = (
  text: string,
  line: NoteSignature,
  keys: readonly NoteVerifierKey[],
  context: VerifyContext,
): VerifiedNoteSignature => {
  const key = keys.find((candidate) => isSignedBy(text, line, candidate, context))
  if (key === undefined)
    throw new CryptoError('signature_invalid', 'a known key did not make this signature')
  const { name, keyId, type } = key
  return { name, keyId, type, timestamp: timestampOf(type, line.signature) }
}

const isSignedBy = (
  text: string,
  { signature }: NoteSignature,
  { type, publicKey }: NoteVerifierKey,
  context: VerifyContext,
): boolean => {
  const plain = Buffer.from(text, 'utf8')
  if (type === 'sm2-sm3')
    return verifySignature({ alg: 'SM2-SM3', spki: publicKey, bytes: plain, signature }, context)
  const spki = Buffer.concat([ed25519SpkiPrefix, publicKey])
  const timestamp = timestampOf(type, signature)
  if (type === 'ed25519')
    return verifySignature({ alg: 'Ed25519', spki, bytes: plain, signature }, context)
  if (timestamp === undefined) return false
  const claim = { bytes: cosignedBytes(text, timestamp), signature: signature.subarray(8) }
  return verifySignature({ alg: 'Ed25519', spki, ...claim }, context)
}

/** RFC 8410: SubjectPublicKeyInfo up to the 32 key bytes. */
const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

const timestampOf = (type: NoteKeyType, signature: Uint8Array): number | undefined => {
  if (type !== 'cosignature-v1' || signature.length !== 72) return undefined
  const seconds = Buffer.from(signature.subarray(0, 8)).readBigUInt64BE(0)
  return seconds > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(seconds)
}
