import { createCipheriv, createDecipheriv } from 'node:crypto'
import { CryptoError } from '../crypto-error.ts'

/** SM4-CBC with PKCS #7 padding. It hides and does not protect: prefer sm4-gcm for anything new. */
export const encryptSm4Cbc = (key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array => {
  requireSizes(key, iv)
  const cipher = createCipheriv('sm4-cbc', key, iv)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

/**
 * Never tell a sender apart which of its texts failed here: that is a padding oracle.
 * @throws CryptoError ciphertext_not_authentic, key_unsupported
 */
export const decryptSm4Cbc = (key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array => {
  requireSizes(key, iv)
  const decipher = createDecipheriv('sm4-cbc', key, iv)
  try {
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch (cause) {
    throw new CryptoError('ciphertext_not_authentic', 'the padding is wrong', { cause })
  }
}

const requireSizes = (key: Uint8Array, iv: Uint8Array): void => {
  if (key.length !== 16 || iv.length !== 16)
    throw new CryptoError('key_unsupported', 'SM4-CBC takes a key and an initial value of 16 bytes')
}
