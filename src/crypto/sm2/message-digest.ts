import { createHash, hash } from 'node:crypto'
import { CryptoError } from '../crypto-error.ts'
import { numberToBytes, sm2Curve } from './curve.ts'
import type { Sm2PublicKey } from './public-key.ts'

/** The user id that GM/T 0009 names for everybody who has agreed on no other. */
export const defaultSm2Id: Uint8Array = Buffer.from('1234567812345678')

/**
 * Z of GB/T 32918.2 §5.5: SM3 over the user id, the curve and the key. It is the same for all messages.
 * @throws CryptoError user_id_too_long: the length of an id is counted in 16 bits
 */
export const identityDigest = (key: Sm2PublicKey, id: Uint8Array = defaultSm2Id): Uint8Array => {
  if (id.length > idBytesMax) throw new CryptoError('user_id_too_long', 'more than 8,191 bytes')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(id.length * 8)
  return hash('sm3', Buffer.concat([length, id, curveBytes, key.point]), 'buffer')
}

/** The number that is signed: SM3 over Z and the message. */
export const sm2MessageDigest = (z: Uint8Array, message: Uint8Array): Uint8Array =>
  message.length <= copiedBytesMax
    ? hash('sm3', Buffer.concat([z, message], 32 + message.length), 'buffer')
    : createHash('sm3').update(z).update(message).digest()

const idBytesMax = 8191
/** Below this size one call with a copy is cheaper than three calls. */
const copiedBytesMax = 16_384

const curveBytes = Buffer.concat(
  [sm2Curve.a, sm2Curve.b, sm2Curve.Gx, sm2Curve.Gy].map(numberToBytes),
)
