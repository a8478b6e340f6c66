import { decodeBase64, encodeBase64 } from './base64url.ts'
import { CryptoError } from './crypto-error.ts'
import { digest } from './digest.ts'

/** What one kind of note key signs, by its vkey type byte (C2SP signed-note, tlog-cosignature). */
export type NoteKeyType = 'ed25519' | 'cosignature-v1' | 'sm2-sm3'

/** A key that a verifier was configured with. */
export type NoteVerifierKey = {
  readonly name: string
  /** Four bytes as a number; with the name it tells which signature line is meant. */
  readonly keyId: number
  readonly type: NoteKeyType
  /** 32 bytes of Ed25519, or a DER SubjectPublicKeyInfo for SM2. */
  readonly publicKey: Uint8Array
}

/**
 * Reads `<name>+<8 hex digits>+<base64(type ‖ key)>`; the digits must be the key's own.
 * @throws CryptoError note_key_malformed
 */
export const parseVerifierKey = (vkey: string): NoteVerifierKey => {
  const [, name = '', hex = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/u.exec(vkey) ?? []
  const { type, publicKey } = readTypedKey(decode(encoded))
  const key = makeVerifierKey(name, type, publicKey)
  if (key.keyId !== Number.parseInt(hex, 16)) throw malformed('key id does not match')
  return key
}

/** The text that parseVerifierKey reads. */
export const formatVerifierKey = ({ name, keyId, type, publicKey }: NoteVerifierKey): string => {
  const data = Buffer.concat([prefixes[type], publicKey])
  return `${name}+${keyId.toString(16).padStart(8, '0')}+${encodeBase64(data)}`
}

/**
 * A verifier key with the key id that signed-note recommends; our own type hashes it with SM3.
 * @throws CryptoError note_key_malformed
 */
export const makeVerifierKey = (
  name: string,
  type: NoteKeyType,
  publicKey: Uint8Array,
): NoteVerifierKey => {
  if (!isKeyName(name)) throw malformed('name is empty or has a space or plus sign')
  if (type !== 'sm2-sm3' && publicKey.length !== 32) throw malformed('Ed25519 keys have 32 bytes')
  const bytes = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), prefixes[type], publicKey])
  const hash = digest(type === 'sm2-sm3' ? 'sm3' : 'sha-256', bytes)
  return { name, keyId: Buffer.from(hash).readUInt32BE(0), type, publicKey }
}

/** Signed-note: key names have no Unicode space and no plus sign. */
export const isKeyName = (name: string): boolean => /^[^\p{White_Space}\p{Cc}\p{Cs}+]+$/u.test(name)

/** SM2 has no byte of its own: 0xff and a longer name, as signed-note recommends. */
const prefixes: Readonly<Record<NoteKeyType, Buffer>> = {
  ed25519: Buffer.of(0x01),
  'cosignature-v1': Buffer.of(0x04),
  'sm2-sm3': Buffer.from('\xffzhengqiao.sm2-sm3.v1\n', 'latin1'),
}

type TypedKey = { readonly type: NoteKeyType; readonly publicKey: Uint8Array }

const readTypedKey = (data: Uint8Array): TypedKey => {
  const bytes = Buffer.from(data)
  for (const type of ['ed25519', 'cosignature-v1', 'sm2-sm3'] as const) {
    const prefix = prefixes[type]
    if (bytes.subarray(0, prefix.length).equals(prefix))
      return { type, publicKey: bytes.subarray(prefix.length) }
  }
  throw malformed('signature type is not supported')
}

const decode = (encoded: string): Uint8Array => {
  try {
    return decodeBase64(encoded)
  } catch (cause) {
    throw malformed('not base64', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('note_key_malformed', message, { cause })
