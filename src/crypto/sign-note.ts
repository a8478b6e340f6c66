import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { encodeBase64 } from './base64url.ts'
import { cosignedBytes } from './cosigned-bytes.ts'
import { CryptoError } from './crypto-error.ts'
import { makeVerifierKey, type NoteVerifierKey } from './note-key.ts'
import { hasForbiddenCharacter } from './parse-note.ts'

/** One key that adds a signature line. */
export type NoteSigner = {
  readonly key: NoteVerifierKey
  /** Signature over the note text, without the key id. */
  readonly sign: (text: string) => Uint8Array | Promise<Uint8Array>
}

/**
 * Signs a text as a C2SP signed note, one line for each signer in their order.
 * @throws CryptoError note_malformed
 */
export const signNote = async (text: string, signers: readonly NoteSigner[]): Promise<string> => {
  if (!text.endsWith('\n') || hasForbiddenCharacter(text))
    throw new CryptoError('note_malformed', 'a note text ends in a newline and has no controls')
  const lines = await Promise.all(signers.map((signer) => signatureLine(text, signer)))
  return `${text}\n${lines.join('')}`
}

/** One line `— name base64(key id ‖ signature)` with its newline, to be added to a signed note. */
export const signatureLine = async (text: string, { key, sign }: NoteSigner): Promise<string> => {
  const keyId = Buffer.alloc(4)
  keyId.writeUInt32BE(key.keyId)
  return `— ${key.name} ${encodeBase64(Buffer.concat([keyId, await sign(text)]))}\n`
}

/**
 * Signs notes with an Ed25519 key.
 * @throws CryptoError key_unsupported, note_key_malformed
 */
export const loadNoteSigner = (name: string, pkcs8Pem: string): NoteSigner => {
  const { key, publicKey } = readEd25519(pkcs8Pem)
  return {
    key: makeVerifierKey(name, 'ed25519', publicKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key),
  }
}

/**
 * Cosigns checkpoints as of the second that `nowSeconds` tells.
 * @throws CryptoError key_unsupported, note_key_malformed
 */
export const loadCosigner = (
  name: string,
  pkcs8Pem: string,
  nowSeconds: () => number,
): NoteSigner => {
  const { key, publicKey } = readEd25519(pkcs8Pem)
  return {
    key: makeVerifierKey(name, 'cosignature-v1', publicKey),
    sign: (text) => {
      const seconds = nowSeconds()
      const timestamp = Buffer.alloc(8)
      timestamp.writeBigUInt64BE(BigInt(seconds))
      return Buffer.concat([timestamp, sign(null, cosignedBytes(text, seconds), key)])
    },
  }
}

type Ed25519Pair = { readonly key: KeyObject; readonly publicKey: Uint8Array }

const readEd25519 = (pem: string): Ed25519Pair => {
  const key = importKey(pem)
  if (key.asymmetricKeyType !== 'ed25519')
    throw new CryptoError('key_unsupported', 'not an Ed25519 key')
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return { key, publicKey: spki.subarray(spki.length - 32) }
}

const importKey = (pem: string): KeyObject => {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CryptoError('key_unsupported', 'not an unencrypted PKCS #8 key', { cause })
  }
}
