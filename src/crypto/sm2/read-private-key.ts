import { CryptoError } from '../crypto-error.ts'
import { decryptPkcs8 } from './encrypted-pkcs8.ts'
import type { Sm2Engine } from './engine.ts'
import { readPem } from './pem.ts'
import { readSm2Pkcs8 } from './pkcs8.ts'
import type { Sm2PrivateKey } from './private-key.ts'

/**
 * The SM2 key of a PKCS #8 file, PEM or DER; `passphrase` for an encrypted one.
 * @throws CryptoError key_malformed, key_unsupported, key_mismatch when the file's point is not that of
 *   its number, ciphertext_not_authentic for a wrong passphrase
 */
export const readSm2PrivateKey = (
  engine: Sm2Engine,
  file: Uint8Array | string,
  passphrase?: string,
): Sm2PrivateKey => {
  const der = typeof file === 'string' ? derOfPem(file, passphrase) : derOf(file, passphrase)
  const { secret, point } = readSm2Pkcs8(der)
  return engine.importKey(secret, point)
}

const derOf = (der: Uint8Array, passphrase: string | undefined): Uint8Array =>
  passphrase === undefined ? der : decryptPkcs8(der, passphrase)

const derOfPem = (text: string, passphrase: string | undefined): Uint8Array => {
  const { label, der } = readPem(text)
  const wanted = passphrase === undefined ? 'PRIVATE KEY' : 'ENCRYPTED PRIVATE KEY'
  if (label !== wanted) throw new CryptoError('key_unsupported', `expected a block ${wanted}`)
  return derOf(der, passphrase)
}
