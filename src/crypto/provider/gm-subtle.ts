import type { webcrypto } from 'node:crypto'
import { digest } from '../digest.ts'
import {
  isGmAlgorithm,
  parametersOf,
  toArrayBuffer,
  toBytes,
  unsupported,
  type AlgorithmLike,
  type BytesLike,
} from './algorithm.ts'
import { decryptGm, encryptGm, type GmBackends } from './gm-cipher.ts'
import { bindMember, callMember } from './bind-member.ts'
import { GmKey } from './gm-key.ts'
import { exportGmKey, generateGmKey, importGmKey } from './gm-key-format.ts'
import { signGm, verifyGm } from './gm-signature.ts'

type Subtle = webcrypto.SubtleCrypto
type Usages = readonly webcrypto.KeyUsage[]
/** A method of ours; undefined means: not ours, ask WebCrypto. */
type Own<Args extends readonly unknown[]> = (...args: Args) => unknown

/**
 * WebCrypto's `subtle` with SM2 (signatures, encryption), SM3, HMAC-SM3, SM4-CBC and SM4-GCM; all else is
 * delegated. Parameters of ours: `id` (SM2 user id), `form` (SM2 ciphertext), `iv`, `additionalData`.
 * Errors of ours are CryptoErrors.
 */
export const createGmSubtle = (backends: GmBackends, base: Subtle): Subtle => {
  const own = ownMethods(backends, base)
  return new Proxy(base, {
    get: (target, name): unknown => {
      if (typeof name === 'string' && own.has(name)) return own.get(name)
      return bindMember(target, name)
    },
  })
}

const ownMethods = (backends: GmBackends, base: Subtle): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ['digest', before(digestOwn, base, 'digest')],
    ['sign', before(signOwn(backends), base, 'sign')],
    ['verify', before(verifyOwn(backends), base, 'verify')],
    ['encrypt', before(cipherOwn(backends, encryptGm), base, 'encrypt')],
    ['decrypt', before(cipherOwn(backends, decryptGm), base, 'decrypt')],
    ['generateKey', before(generateOwn(backends), base, 'generateKey')],
    ['importKey', before(importOwn(backends), base, 'importKey')],
    ['exportKey', before(exportOwn, base, 'exportKey')],
  ])

/** Asks our method first, then WebCrypto's; like WebCrypto's it rejects and never throws. */
const before =
  <Args extends readonly unknown[]>(own: Own<Args>, base: Subtle, name: keyof Subtle) =>
  async (...args: Args): Promise<unknown> =>
    own(...args) ?? callMember(base, name, args)

const digestOwn: Own<[AlgorithmLike, BytesLike]> = (algorithm, data) =>
  parametersOf(algorithm).name === 'SM3' ? toArrayBuffer(digest('sm3', toBytes(data))) : undefined

const signOwn =
  ({ sm2 }: GmBackends): Own<[AlgorithmLike, unknown, BytesLike]> =>
  (algorithm, key, data) =>
    key instanceof GmKey
      ? toArrayBuffer(signGm(sm2, parametersOf(algorithm), key, toBytes(data)))
      : undefined

const verifyOwn =
  ({ sm2 }: GmBackends): Own<[AlgorithmLike, unknown, BytesLike, BytesLike]> =>
  (algorithm, key, signature, data) =>
    key instanceof GmKey
      ? verifyGm(sm2, parametersOf(algorithm), key, toBytes(signature), toBytes(data))
      : undefined

const cipherOwn =
  (backends: GmBackends, cipher: typeof encryptGm): Own<[AlgorithmLike, unknown, BytesLike]> =>
  (algorithm, key, data) =>
    key instanceof GmKey
      ? toArrayBuffer(cipher(backends, parametersOf(algorithm), key, toBytes(data)))
      : undefined

const generateOwn =
  ({ sm2 }: GmBackends): Own<[AlgorithmLike, boolean, Usages]> =>
  (algorithm, extractable, usages) =>
    isGmAlgorithm(algorithm)
      ? generateGmKey(sm2, parametersOf(algorithm), { extractable, usages })
      : undefined

const importOwn =
  ({ sm2 }: GmBackends): Own<[string, BytesLike, AlgorithmLike, boolean, Usages]> =>
  (format, data, algorithm, extractable, usages) => {
    if (!isGmAlgorithm(algorithm)) return undefined
    // A JSON Web Key is no bytes, and no registered form of SM2.
    if (format === 'jwk') throw unsupported('format jwk')
    return importGmKey(sm2, format, toBytes(data), parametersOf(algorithm), { extractable, usages })
  }

const exportOwn: Own<[string, unknown]> = (format, key) =>
  key instanceof GmKey ? toArrayBuffer(exportGmKey(format, key)) : undefined
