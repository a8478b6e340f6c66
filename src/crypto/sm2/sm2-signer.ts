import { readCertificateHead } from '../cms/certificate-head.ts'
import type { CmsSigner } from '../cms/make-signed-data.ts'
import { CryptoError } from '../crypto-error.ts'
import { makeVerifierKey } from '../note-key.ts'
import type { NoteSigner } from '../sign-note.ts'
import type { Signer } from '../signer.ts'
import type { Sm2Engine } from './engine.ts'
import type { Sm2PrivateKey } from './private-key.ts'
import { readSm2Spki, writeSm2Spki } from './public-key.ts'
import { sm2SignatureToDer } from './signature-der.ts'

/**
 * The signer port over an SM2 key in memory.
 * @throws CryptoError key_mismatch unless the first certificate is of this key
 */
export const sm2Signer = (
  engine: Sm2Engine,
  key: Sm2PrivateKey,
  chain: readonly Uint8Array[],
): Signer => {
  const [leaf] = chain
  if (leaf === undefined || !isCertificateOf(key, leaf))
    throw new CryptoError('key_mismatch', 'no certificate, or one of another key')
  return { alg: 'SM2-SM3', chain, sign: async (bytes) => engine.sign(key, bytes) }
}

const isCertificateOf = ({ publicKey }: Sm2PrivateKey, certificate: Uint8Array): boolean => {
  try {
    return readSm2Spki(readCertificateHead(certificate).spki).name === publicKey.name
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

/** Signs notes: the second line of a checkpoint. @throws CryptoError note_key_malformed */
export const sm2NoteSigner = (engine: Sm2Engine, key: Sm2PrivateKey, name: string): NoteSigner => ({
  key: makeVerifierKey(name, 'sm2-sm3', writeSm2Spki(key.publicKey)),
  sign: (text) => engine.sign(key, Buffer.from(text, 'utf8')),
})

/** Signs CMS. */
export const sm2CmsSigner = (
  engine: Sm2Engine,
  key: Sm2PrivateKey,
  chain: readonly Uint8Array[],
): CmsSigner => ({
  alg: 'SM2-SM3',
  chain: sm2Signer(engine, key, chain).chain,
  signDer: async (bytes) => sm2SignatureToDer(engine.sign(key, bytes)),
})
