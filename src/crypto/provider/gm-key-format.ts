import type { webcrypto } from 'node:crypto'
import type { RandomBytes } from '../../contract/uuid.ts'
import { CryptoError } from '../crypto-error.ts'
import type { Sm2Engine } from '../sm2/engine.ts'
import { readSm2Point, readSm2Spki, writeSm2Spki } from '../sm2/public-key.ts'
import { readSm2PrivateKey } from '../sm2/read-private-key.ts'
import { writeSm2PrivateKey } from '../sm2/write-private-key.ts'
import { unsupported, type GmParameters } from './algorithm.ts'
import { GmKey, type GmKeyAlgorithm, type GmKeyMaterial } from './gm-key.ts'

type KeyOptions = {
  readonly extractable: boolean
  readonly usages: readonly webcrypto.KeyUsage[]
}

/** A new secret key, or an SM2 pair whose private half has the secret uses. @throws CryptoError */
export const generateGmKey = (
  sm2: Sm2Engine,
  parameters: GmParameters,
  options: KeyOptions,
): GmKey | { readonly privateKey: GmKey; readonly publicKey: GmKey } => {
  if (parameters.name !== 'SM2') return generateSecret(sm2.random, parameters, options)
  const key = sm2.generateKey()
  const { extractable, usages } = options
  const secretUses = usages.filter((usage) => usage === 'sign' || usage === 'decrypt')
  const publicUses = usages.filter((usage) => usage === 'verify' || usage === 'encrypt')
  return {
    privateKey: sm2Key({ type: 'private', key }, { extractable, usages: secretUses }),
    publicKey: sm2Key(
      { type: 'public', key: key.publicKey },
      { extractable: true, usages: publicUses },
    ),
  }
}

/** `raw` and `spki` for public keys, `pkcs8` for private ones, `raw` for secrets. @throws CryptoError */
export const importGmKey = (
  sm2: Sm2Engine,
  format: string,
  data: Uint8Array,
  parameters: GmParameters,
  options: KeyOptions,
): GmKey => {
  if (parameters.name === 'SM2') return sm2Key(readSm2Material(sm2, format, data), options)
  if (format !== 'raw') throw unsupported(`format ${format}`)
  return secretKey(parameters, Uint8Array.from(data), options)
}

/** @throws CryptoError key_unsupported, algorithm_unsupported */
export const exportGmKey = (format: string, key: GmKey): Uint8Array => {
  const material = key.export()
  if (material.type === 'private' && format === 'pkcs8') return writeSm2PrivateKey(material.key)
  if (material.type === 'public' && format === 'spki') return writeSm2Spki(material.key)
  if (material.type === 'public' && format === 'raw')
    return Buffer.concat([Buffer.of(4), material.key.point])
  if (material.type === 'secret' && format === 'raw') return material.bytes
  throw unsupported(`format ${format}`)
}

const readSm2Material = (sm2: Sm2Engine, format: string, data: Uint8Array): GmKeyMaterial => {
  if (format === 'spki') return { type: 'public', key: readSm2Spki(data) }
  if (format === 'raw') return { type: 'public', key: readSm2Point(data) }
  if (format === 'pkcs8') return { type: 'private', key: readSm2PrivateKey(sm2, data) }
  throw unsupported(`format ${format}`)
}

const sm2Key = (material: GmKeyMaterial, options: KeyOptions): GmKey =>
  new GmKey({ name: 'SM2', hash: { name: 'SM3' } }, material, options)

const generateSecret = (
  random: RandomBytes,
  parameters: GmParameters,
  options: KeyOptions,
): GmKey => {
  const bits = parameters.name === 'HMAC' ? (parameters.length ?? 256) : 128
  return secretKey(parameters, Uint8Array.from(random(bits >> 3)), options)
}

const secretKey = (parameters: GmParameters, bytes: Uint8Array, options: KeyOptions): GmKey =>
  new GmKey(secretAlgorithm(parameters, bytes), { type: 'secret', bytes }, options)

const secretAlgorithm = ({ name }: GmParameters, bytes: Uint8Array): GmKeyAlgorithm => {
  if (name === 'HMAC') return { name, hash: { name: 'SM3' }, length: bytes.length * 8 }
  if (name !== 'SM4-CBC' && name !== 'SM4-GCM') throw unsupported(`a key for ${name}`)
  if (bytes.length !== 16) throw new CryptoError('key_unsupported', 'an SM4 key has 16 bytes')
  return { name, length: 128 }
}
