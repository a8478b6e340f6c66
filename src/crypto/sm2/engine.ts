import type { RandomBytes } from '../../contract/uuid.ts'
import { tellCall } from '../call-channel.ts'
import { CryptoError } from '../crypto-error.ts'
import type { Sm2Multiplying, Sm2SignDigest, Sm2Signing, Sm2Verifying } from './backend.ts'
import { identityDigest, sm2MessageDigest } from './message-digest.ts'
import { untilUsable } from './nonce.ts'
import type { Sm2PrivateKey } from './private-key.ts'
import { readSm2Point, type Sm2PublicKey } from './public-key.ts'

export type Sm2Backends = {
  readonly verifying: Sm2Verifying
  readonly signing: Sm2Signing
  readonly multiplying: Sm2Multiplying
}

/** SM2 with SM3 over whichever backends were chosen. Signatures are 64 bytes r‖s, ids raw bytes. */
export type Sm2Engine = {
  readonly backends: Sm2Backends
  readonly isSigned: (claim: Sm2Claim) => boolean
  readonly sign: (key: Sm2PrivateKey, message: Uint8Array, id?: Uint8Array) => Uint8Array
  /** A new key from the engine's random source. */
  readonly generateKey: () => Sm2PrivateKey
  /**
   * The key of a secret number; `point`, when it is given, must be its own.
   * @throws CryptoError key_malformed, key_mismatch
   */
  readonly importKey: (secret: Uint8Array, point?: Uint8Array) => Sm2PrivateKey
  readonly random: RandomBytes
}

export type Sm2Claim = {
  readonly key: Sm2PublicKey
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** 1234567812345678 unless given. */
  readonly id?: Uint8Array | undefined
}

/** Puts backends together; Z is worked out once per key object and id, signing keys are opened once. */
export const createSm2Engine = (backends: Sm2Backends, random: RandomBytes): Sm2Engine => {
  const identity = createIdentityCache()
  const openKeys = new WeakMap<Sm2PrivateKey, Sm2SignDigest>()
  const opened = (key: Sm2PrivateKey): Sm2SignDigest => {
    const known = openKeys.get(key) ?? backends.signing.openKey(key.secret)
    openKeys.set(key, known)
    return known
  }
  return {
    backends,
    random,
    isSigned: ({ key, message, signature, id }) => {
      tellCall('verify', 'SM2-SM3')
      return (
        signature.length === 64 &&
        backends.verifying.isSigned(key, sm2MessageDigest(identity(key, id), message), signature)
      )
    },
    sign: (key, message, id) => {
      tellCall('sign', 'SM2-SM3')
      return opened(key)(sm2MessageDigest(identity(key.publicKey, id), message))
    },
    generateKey: () => generateKey(backends.multiplying, random),
    importKey: (secret, point) => importKey(backends.multiplying, secret, point),
  }
}

type IdentityOf = (key: Sm2PublicKey, id: Uint8Array | undefined) => Uint8Array

const createIdentityCache = (): IdentityOf => {
  const digests = new WeakMap<Sm2PublicKey, Uint8Array>()
  return (key, id) => {
    if (id !== undefined) return identityDigest(key, id)
    const known = digests.get(key) ?? identityDigest(key)
    digests.set(key, known)
    return known
  }
}

const generateKey = (multiplying: Sm2Multiplying, random: RandomBytes): Sm2PrivateKey =>
  untilUsable(() => {
    const secret = Uint8Array.from(random(32))
    const point = multiplying.publicPoint(secret)
    return point && { secret, publicKey: readSm2Point(point) }
  })

const importKey = (
  multiplying: Sm2Multiplying,
  secret: Uint8Array,
  point: Uint8Array | undefined,
): Sm2PrivateKey => {
  const own = secret.length === 32 ? multiplying.publicPoint(secret) : undefined
  if (own === undefined) throw new CryptoError('key_malformed', 'secret number out of range')
  const publicKey = readSm2Point(own)
  if (point !== undefined && readSm2Point(point).name !== publicKey.name)
    throw new CryptoError('key_mismatch', 'the point is not that of the secret number')
  return { secret: Uint8Array.from(secret), publicKey }
}
