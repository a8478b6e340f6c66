import { encryptPkcs8, type KeyWrapping } from './encrypted-pkcs8.ts'
import type { Sm2Engine } from './engine.ts'
import { writePem } from './pem.ts'
import { writeSm2Pkcs8 } from './pkcs8.ts'
import type { Sm2PrivateKey } from './private-key.ts'

/** PKCS #8 in DER. */
export const writeSm2PrivateKey = ({ secret, publicKey }: Sm2PrivateKey): Uint8Array =>
  writeSm2Pkcs8(secret, publicKey.point)

/** PKCS #8 in PEM, for a file of mode 0600. */
export const writeSm2PrivateKeyPem = (key: Sm2PrivateKey): string =>
  writePem('PRIVATE KEY', writeSm2PrivateKey(key))

/** Encrypted PKCS #8 in PEM. */
export const writeEncryptedSm2PrivateKeyPem = (
  { random }: Sm2Engine,
  key: Sm2PrivateKey,
  passphrase: string,
  options: { readonly wrapping?: KeyWrapping; readonly iterations?: number } = {},
): string =>
  writePem(
    'ENCRYPTED PRIVATE KEY',
    encryptPkcs8(writeSm2PrivateKey(key), passphrase, { random, ...options }),
  )
