import { CryptoError } from '../crypto-error.ts'
import { readPem, writePem } from './pem.ts'
import { readSm2Spki, writeSm2Spki, type Sm2PublicKey } from './public-key.ts'

/** @throws CryptoError key_malformed, key_unsupported */
export const readSm2PublicKeyPem = (text: string): Sm2PublicKey => {
  const { label, der } = readPem(text)
  if (label !== 'PUBLIC KEY')
    throw new CryptoError('key_unsupported', 'expected a block PUBLIC KEY')
  return readSm2Spki(der)
}

export const writeSm2PublicKeyPem = (key: Sm2PublicKey): string =>
  writePem('PUBLIC KEY', writeSm2Spki(key))
