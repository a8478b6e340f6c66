import type { SigningAlgorithm } from '../crypto/signer.ts'
import type { Sm2Engine } from '../crypto/sm2/engine.ts'
import { generateP256Key, type GeneratedKey } from './issuing-key.ts'
import { generateSm2Key } from './sm2-issuing-key.ts'

/** A new key that signs by this algorithm. */
export const generateKeyFor = (alg: SigningAlgorithm, sm2: Sm2Engine): GeneratedKey =>
  alg === 'SM2-SM3' ? generateSm2Key(sm2) : generateP256Key()
