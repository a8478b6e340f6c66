import { hash } from 'node:crypto'
import type { Sm2Engine } from '../crypto/sm2/engine.ts'
import { isSm2KeyFile } from '../crypto/sm2/load-signer.ts'
import type { Sm2PrivateKey } from '../crypto/sm2/private-key.ts'
import { writeSm2Spki } from '../crypto/sm2/public-key.ts'
import { readSm2PrivateKey } from '../crypto/sm2/read-private-key.ts'
import { sm2SignatureToDer } from '../crypto/sm2/signature-der.ts'
import { writeSm2PrivateKeyPem } from '../crypto/sm2/write-private-key.ts'
import { derOid, derSequence } from '../crypto/write-der.ts'
import { loadP256Key, type GeneratedKey, type IssuingKey } from './issuing-key.ts'
import { oid } from './oid.ts'

/** New SM2 key; randomness is the engine's. */
export const generateSm2Key = (engine: Sm2Engine): GeneratedKey => {
  const key = engine.generateKey()
  return { key: sm2IssuingKey(engine, key), privateKeyPem: writeSm2PrivateKeyPem(key) }
}

/** SM2 key from PKCS#8 PEM. @throws CryptoError as readSm2PrivateKey */
export const loadSm2Key = (engine: Sm2Engine, privateKeyPem: string): IssuingKey =>
  sm2IssuingKey(engine, readSm2PrivateKey(engine, privateKeyPem))

/** P-256 or SM2 key by what the file says. @throws CryptoError, RangeError */
export const loadIssuingKey = (engine: Sm2Engine, privateKeyPem: string): IssuingKey =>
  isSm2KeyFile(privateKeyPem) ? loadSm2Key(engine, privateKeyPem) : loadP256Key(privateKeyPem)

/** SM2 with SM3 and the default user id; key identifiers by SM3. */
export const sm2IssuingKey = (engine: Sm2Engine, key: Sm2PrivateKey): IssuingKey => ({
  spki: writeSm2Spki(key.publicKey),
  signatureAlgorithm: derSequence(derOid(oid.sm2WithSm3)),
  sign: async (bytes) => sm2SignatureToDer(engine.sign(key, bytes)),
  digest: (bytes) => hash('sm3', bytes, 'buffer'),
})
