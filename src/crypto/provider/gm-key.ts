import type { webcrypto } from 'node:crypto'
import { CryptoError } from '../crypto-error.ts'
import type { Sm2PrivateKey } from '../sm2/private-key.ts'
import type { Sm2PublicKey } from '../sm2/public-key.ts'

export type GmKeyAlgorithm =
  | { readonly name: 'SM2'; readonly hash: { readonly name: 'SM3' } }
  | { readonly name: 'SM4-CBC' | 'SM4-GCM'; readonly length: 128 }
  | { readonly name: 'HMAC'; readonly hash: { readonly name: 'SM3' }; readonly length: number }

export type GmKeyMaterial =
  | { readonly type: 'private'; readonly key: Sm2PrivateKey }
  | { readonly type: 'public'; readonly key: Sm2PublicKey }
  | { readonly type: 'secret'; readonly bytes: Uint8Array }

/**
 * A key in the shape of WebCrypto's CryptoKey, which cannot be constructed. SM2 keys carry the hash, as
 * the RSA keys of WebCrypto do: libraries take that for "this is a signature algorithm".
 */
export class GmKey {
  readonly type: 'private' | 'public' | 'secret'
  readonly algorithm: GmKeyAlgorithm
  readonly extractable: boolean
  readonly usages: webcrypto.KeyUsage[]
  readonly #material: GmKeyMaterial

  /** @throws CryptoError key_mismatch for a use that such a key cannot have */
  constructor(
    algorithm: GmKeyAlgorithm,
    material: GmKeyMaterial,
    options: { readonly extractable: boolean; readonly usages: readonly webcrypto.KeyUsage[] },
  ) {
    const possible = possibleUses(algorithm, material)
    if (!options.usages.every((usage) => possible.includes(usage)))
      throw new CryptoError('key_mismatch', 'a use that such a key cannot have')
    this.type = material.type
    this.algorithm = algorithm
    this.extractable = options.extractable
    this.usages = [...options.usages]
    this.#material = material
  }

  /**
   * The material, for one use of one algorithm.
   * @throws CryptoError key_mismatch for another algorithm, or a use that the key was not made for
   */
  use(name: string, usage: webcrypto.KeyUsage): GmKeyMaterial {
    if (this.algorithm.name !== name || !this.usages.includes(usage))
      throw new CryptoError('key_mismatch', `the key is not for ${usage} with this algorithm`)
    return this.#material
  }

  /** @throws CryptoError key_unsupported when the key was made not to be exported */
  export(): GmKeyMaterial {
    if (!this.extractable) throw new CryptoError('key_unsupported', 'the key is not extractable')
    return this.#material
  }
}

const possibleUses = (
  { name }: GmKeyAlgorithm,
  { type }: GmKeyMaterial,
): readonly webcrypto.KeyUsage[] => {
  if (type === 'private') return ['sign', 'decrypt']
  if (type === 'public') return ['verify', 'encrypt']
  return name === 'HMAC' ? ['sign', 'verify'] : ['encrypt', 'decrypt']
}
