import { loadFileSigner, type Signer } from '../signer.ts'
import type { Sm2Engine } from './engine.ts'
import { readPem } from './pem.ts'
import { isSm2Pkcs8 } from './pkcs8.ts'
import { readSm2PrivateKey } from './read-private-key.ts'
import { sm2Signer } from './sm2-signer.ts'

/**
 * The signer of a PKCS #8 file, ES256 or SM2-SM3 by what the file says its key is.
 * @throws CryptoError key_unsupported, key_malformed, key_mismatch when the first certificate is of
 *   another key
 */
export const loadSigner = (
  engine: Sm2Engine,
  pkcs8Pem: string,
  chain: readonly Uint8Array[],
): Signer =>
  isSm2KeyFile(pkcs8Pem)
    ? sm2Signer(engine, readSm2PrivateKey(engine, pkcs8Pem), chain)
    : loadFileSigner(pkcs8Pem, chain)

/** True when the one PEM block says that it holds an unencrypted SM2 key. */
export const isSm2KeyFile = (pkcs8Pem: string): boolean =>
  /^\s*-----BEGIN PRIVATE KEY-----/.test(pkcs8Pem) && isSm2Pkcs8(readPem(pkcs8Pem).der)
