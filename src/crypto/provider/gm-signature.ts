import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Sm2Engine } from '../sm2/engine.ts'
import { toBytes, unsupported, type GmParameters } from './algorithm.ts'
import type { GmKey } from './gm-key.ts'

/** 64 bytes r‖s of SM2, or 32 of HMAC-SM3. @throws CryptoError */
export const signGm = (
  sm2: Sm2Engine,
  parameters: GmParameters,
  key: GmKey,
  data: Uint8Array,
): Uint8Array => {
  const material = key.use(parameters.name, 'sign')
  if (material.type === 'secret') return createHmac('sm3', material.bytes).update(data).digest()
  if (material.type !== 'private') throw unsupported('signing with a public key')
  return sm2.sign(material.key, data, idOf(parameters))
}

/** False for every wrong signature, whatever its length. @throws CryptoError for a key of another kind */
export const verifyGm = (
  sm2: Sm2Engine,
  parameters: GmParameters,
  key: GmKey,
  signature: Uint8Array,
  message: Uint8Array,
): boolean => {
  const material = key.use(parameters.name, 'verify')
  if (material.type === 'secret') {
    const tag = createHmac('sm3', material.bytes).update(message).digest()
    return signature.length === tag.length && timingSafeEqual(tag, signature)
  }
  if (material.type !== 'public') throw unsupported('verifying with a private key')
  return sm2.isSigned({ key: material.key, message, signature, id: idOf(parameters) })
}

const idOf = ({ id }: GmParameters): Uint8Array | undefined =>
  id === undefined ? undefined : toBytes(id)
