import { createCipheriv, createDecipheriv, getCiphers, timingSafeEqual } from 'node:crypto'
import { CryptoError } from '../crypto-error.ts'
import type { GmWasm } from '../wasm/gm-wasm.ts'
import { tableGhash, wasmGhash, type Ghash } from './ghash.ts'

/** SM4-GCM (RFC 8998) under one key. The nonce must never come twice; 12 random bytes do for 2^32 texts. */
export type Sm4GcmKey = {
  /** Ciphertext and, behind it, the tag of 16 bytes. */
  readonly seal: (nonce: Uint8Array, text: Uint8Array, aad?: Uint8Array) => Uint8Array
  /** @throws CryptoError ciphertext_malformed when shorter than a tag, ciphertext_not_authentic */
  readonly open: (nonce: Uint8Array, sealed: Uint8Array, aad?: Uint8Array) => Uint8Array
}

export type Sm4Gcm = {
  readonly name: 'node' | 'ctr+wasm' | 'ctr+js'
  /** @throws CryptoError key_unsupported unless the key has 16 bytes */
  readonly openKey: (key: Uint8Array) => Sm4GcmKey
}

/** Node's own SM4-GCM where it has one (26 and up), else SM4-CTR with GHASH of ours. */
export const openSm4Gcm = (
  wasm: GmWasm | undefined,
  hasNative: boolean = getCiphers().includes('sm4-gcm'),
): Sm4Gcm => {
  if (hasNative) return { name: 'node', openKey: nativeKey }
  const ghash = wasm === undefined ? tableGhash : wasmGhash(wasm)
  const name = wasm === undefined ? 'ctr+js' : 'ctr+wasm'
  return { name, openKey: (key) => counterKey(key, ghash) }
}

const tagBytes = 16
const nothing = new Uint8Array(0)

const nativeKey = (key: Uint8Array): Sm4GcmKey => {
  requireKey(key)
  return {
    seal: (nonce, text, aad = nothing) => {
      const cipher = createCipheriv(nativeName, key, requireNonce(nonce))
      cipher.setAAD(aad)
      return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
    },
    open: (nonce, sealed, aad = nothing) => {
      const { text, tag } = splitSealed(sealed)
      const options = { authTagLength: tagBytes }
      const decipher = createDecipheriv(nativeName, key, requireNonce(nonce), options)
      decipher.setAAD(aad)
      decipher.setAuthTag(tag)
      const plain = decipher.update(text)
      try {
        return Buffer.concat([plain, decipher.final()])
      } catch (cause) {
        throw notAuthentic(cause)
      }
    },
  }
}

/** The types of Node 20 know only AES by this interface; it is the same for every GCM cipher. */
const nativeName = 'sm4-gcm' as 'aes-128-gcm'

const counterKey = (key: Uint8Array, ghash: Ghash): Sm4GcmKey => {
  requireKey(key)
  const own = Uint8Array.from(key)
  const hashKey = encryptBlock(own, new Uint8Array(16))
  const tagOf = (mask: Uint8Array, text: Uint8Array, aad: Uint8Array): Uint8Array =>
    exclusiveOr(ghash(hashKey, [aad, text, lengthsBlock(aad, text)]), mask)
  return {
    seal: (nonce, text, aad = nothing) => {
      const { mask, output } = runCounter(own, firstCounter(ghash, hashKey, nonce), text)
      return Buffer.concat([output, tagOf(mask, output, aad)])
    },
    open: (nonce, sealed, aad = nothing) => {
      const { text, tag } = splitSealed(sealed)
      const { mask, output } = runCounter(own, firstCounter(ghash, hashKey, nonce), text)
      if (!timingSafeEqual(tagOf(mask, text, aad), tag)) throw notAuthentic()
      return output
    },
  }
}

/** J0 of SP 800-38D §7.1. */
const firstCounter = (ghash: Ghash, hashKey: Uint8Array, nonce: Uint8Array): Uint8Array =>
  requireNonce(nonce).length === 12
    ? Buffer.concat([nonce, Buffer.of(0, 0, 0, 1)])
    : ghash(hashKey, [nonce, lengthsBlock(nothing, nonce)])

/**
 * One counter run gives the mask of the tag and then the text. GCM counts in 32 bits and sm4-ctr in 128;
 * they part where the low word runs over, which only a nonce of another size than 12 can bring near.
 */
const runCounter = (
  key: Uint8Array,
  first: Uint8Array,
  text: Uint8Array,
): { readonly mask: Uint8Array; readonly output: Uint8Array } => {
  const counter = Buffer.from(first)
  const blocksLeft = 2 ** 32 - counter.readUInt32BE(12)
  const cipher = createCipheriv('sm4-ctr', key, counter)
  const mask = cipher.update(new Uint8Array(16))
  const straight = (blocksLeft - 1) * 16
  if (text.length <= straight) return { mask, output: cipher.update(text) }
  const head = cipher.update(text.subarray(0, straight))
  counter.writeUInt32BE(0, 12)
  const rest = createCipheriv('sm4-ctr', key, counter).update(text.subarray(straight))
  return { mask, output: Buffer.concat([head, rest]) }
}

const encryptBlock = (key: Uint8Array, block: Uint8Array): Uint8Array =>
  createCipheriv('sm4-ecb', key, null).update(block)

const lengthsBlock = (aad: Uint8Array, text: Uint8Array): Uint8Array => {
  const block = Buffer.alloc(16)
  block.writeBigUInt64BE(BigInt(aad.length) * 8n)
  block.writeBigUInt64BE(BigInt(text.length) * 8n, 8)
  return block
}

const exclusiveOr = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  a.map((byte, i) => byte ^ (b[i] ?? 0))

type Sealed = { readonly text: Uint8Array; readonly tag: Uint8Array }

const splitSealed = (sealed: Uint8Array): Sealed => {
  const end = sealed.length - tagBytes
  if (end < 0) throw new CryptoError('ciphertext_malformed', 'shorter than a tag')
  return { text: sealed.subarray(0, end), tag: sealed.subarray(end) }
}

const requireKey = (key: Uint8Array): void => {
  if (key.length !== 16) throw new CryptoError('key_unsupported', 'an SM4 key has 16 bytes')
}

const requireNonce = (nonce: Uint8Array): Uint8Array => {
  if (nonce.length === 0) throw new CryptoError('key_unsupported', 'GCM needs a nonce')
  return nonce
}

const notAuthentic = (cause?: unknown): CryptoError =>
  new CryptoError('ciphertext_not_authentic', 'key, nonce, context or content differ', { cause })
