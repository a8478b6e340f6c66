import type { Sm2Engine } from '../sm2/engine.ts'
import { decryptSm2, encryptSm2 } from '../sm2/encrypt.ts'
import { decryptSm4Cbc, encryptSm4Cbc } from '../sm4/sm4-cbc.ts'
import type { Sm4Gcm } from '../sm4/sm4-gcm.ts'
import { requireBytes, toBytes, unsupported, type GmParameters } from './algorithm.ts'
import type { GmKey, GmKeyMaterial } from './gm-key.ts'

export type GmBackends = { readonly sm2: Sm2Engine; readonly sm4Gcm: Sm4Gcm }

/** SM4-CBC, SM4-GCM or SM2 under a key of the same name. @throws CryptoError */
export const encryptGm = (
  backends: GmBackends,
  parameters: GmParameters,
  key: GmKey,
  data: Uint8Array,
): Uint8Array => {
  const material = key.use(parameters.name, 'encrypt')
  if (material.type === 'public')
    return encryptSm2(backends.sm2, material.key, data, parameters.form)
  const { iv, aad, bytes } = secretParts(parameters, material)
  return parameters.name === 'SM4-CBC'
    ? encryptSm4Cbc(bytes, iv, data)
    : backends.sm4Gcm.openKey(bytes).seal(iv, data, aad)
}

/** @throws CryptoError */
export const decryptGm = (
  backends: GmBackends,
  parameters: GmParameters,
  key: GmKey,
  data: Uint8Array,
): Uint8Array => {
  const material = key.use(parameters.name, 'decrypt')
  if (material.type === 'private')
    return decryptSm2(backends.sm2, material.key, data, parameters.form)
  const { iv, aad, bytes } = secretParts(parameters, material)
  return parameters.name === 'SM4-CBC'
    ? decryptSm4Cbc(bytes, iv, data)
    : backends.sm4Gcm.openKey(bytes).open(iv, data, aad)
}

const secretParts = ({ iv, additionalData }: GmParameters, material: GmKeyMaterial) => {
  if (material.type !== 'secret') throw unsupported('this use of an SM2 key')
  return {
    bytes: material.bytes,
    iv: requireBytes(iv, 'iv'),
    aad: additionalData === undefined ? undefined : toBytes(additionalData),
  }
}
