import type { LibraryHandle } from 'koffi'
import { CryptoError } from '../crypto-error.ts'
import type { Sm2Multiplying, Sm2SignDigest, Sm2Signing } from './backend.ts'
import { writeSm2Pkcs8 } from './pkcs8.ts'
import { sm2SignatureFromDer } from './signature-der.ts'

/**
 * Signing by the OpenSSL that Node itself is linked with, through koffi; undefined when koffi is not
 * installed for this platform or Node does not export the symbols. `points` derives public points.
 */
export const loadOpensslSigning = async (
  points: Sm2Multiplying,
): Promise<Sm2Signing | undefined> => {
  const openssl = await bind()
  if (openssl === undefined) return undefined
  const keys = new FinalizationRegistry<KeyHandle>(({ key, context }) => {
    openssl.freeContext(context)
    openssl.freeKey(key)
  })
  return {
    name: 'openssl',
    openKey: (secret) => {
      const handle = openKey(openssl, secret, points)
      const sign: Sm2SignDigest = (digest) => signDigest(openssl, handle, digest)
      keys.register(sign, handle)
      return sign
    },
  }
}

/** An address that only OpenSSL looks behind. */
type Pointer = bigint | null

type KeyHandle = { readonly key: Pointer; readonly context: Pointer }

type Openssl = {
  readonly newMemory: (bytes: Uint8Array, length: number) => Pointer
  readonly freeMemory: (memory: Pointer) => void
  readonly readKey: (memory: Pointer, into: null) => Pointer
  readonly isKind: (key: Pointer, kind: string) => number
  readonly freeKey: (key: Pointer) => void
  readonly newContext: (key: Pointer, engine: null) => Pointer
  readonly freeContext: (context: Pointer) => void
  readonly startSigning: (context: Pointer) => number
  readonly sign: (
    context: Pointer,
    signature: Uint8Array,
    length: number[],
    digest: Uint8Array,
    digestLength: number,
  ) => number
  readonly clearErrors: () => void
}

const bind = async (): Promise<Openssl | undefined> => {
  try {
    const koffi = await import('koffi')
    return bindFunctions(koffi.load(null))
  } catch {
    // No koffi, no binary for this platform, or an executable without these symbols.
    return undefined
  }
}

const bindFunctions = (node: LibraryHandle): Openssl => ({
  newMemory: node.func('void *BIO_new_mem_buf(const uint8_t *bytes, int length)'),
  freeMemory: node.func('int BIO_free(void *memory)'),
  readKey: node.func('void *d2i_PrivateKey_bio(void *memory, void *into)'),
  isKind: node.func('int EVP_PKEY_is_a(void *key, const char *kind)'),
  freeKey: node.func('void EVP_PKEY_free(void *key)'),
  newContext: node.func('void *EVP_PKEY_CTX_new(void *key, void *engine)'),
  freeContext: node.func('void EVP_PKEY_CTX_free(void *context)'),
  startSigning: node.func('int EVP_PKEY_sign_init(void *context)'),
  sign: node.func(
    'int EVP_PKEY_sign(void *context, _Out_ uint8_t *out, _Inout_ size_t *size, const uint8_t *in, size_t inSize)',
  ),
  clearErrors: node.func('void ERR_clear_error()'),
})

const openKey = (openssl: Openssl, secret: Uint8Array, points: Sm2Multiplying): KeyHandle => {
  const point = points.publicPoint(secret)
  if (point === undefined) throw new CryptoError('key_malformed', 'secret number out of range')
  const key = readKey(openssl, writeSm2Pkcs8(secret, point))
  const context = key === null ? null : openssl.newContext(key, null)
  const isReady = context !== null && openssl.startSigning(context) === 1
  openssl.clearErrors()
  if (!isReady) throw new CryptoError('key_unsupported', 'OpenSSL takes no SM2 key')
  return { key, context }
}

/** The key as OpenSSL's own SM2 kind; the file is wiped. */
const readKey = (openssl: Openssl, file: Uint8Array): Pointer => {
  const memory = openssl.newMemory(file, file.length)
  const key = openssl.readKey(memory, null)
  openssl.freeMemory(memory)
  file.fill(0)
  return key !== null && openssl.isKind(key, 'SM2') === 1 ? key : null
}

const derBytesMax = 72

/** The digest already holds Z, so the user id need not be told to OpenSSL. */
const signDigest = (
  openssl: Openssl,
  { context }: KeyHandle,
  digest: Uint8Array,
): ReturnType<Sm2SignDigest> => {
  const der = Buffer.alloc(derBytesMax)
  const length = [derBytesMax]
  if (openssl.sign(context, der, length, digest, digest.length) !== 1) {
    openssl.clearErrors()
    throw new CryptoError('key_unsupported', 'OpenSSL refuses to sign with SM2')
  }
  return sm2SignatureFromDer(der.subarray(0, length[0]))
}
