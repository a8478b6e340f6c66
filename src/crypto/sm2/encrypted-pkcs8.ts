import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto'
import type { RandomBytes } from '../../contract/uuid.ts'
import { CryptoError } from '../crypto-error.ts'
import { derStructure, readDer, type DerNode } from '../read-der.ts'
import { readNull, readOctetString, readOid, readSmallInteger } from '../read-der-value.ts'
import { derInteger, derNull, derOctetString, derOid, derSequence, derTag } from '../write-der.ts'
import { gmOid } from './oid.ts'

/** National algorithms (SM4-CBC, HMAC-SM3) or the ones of everybody else (AES-256-CBC, HMAC-SHA256). */
export type KeyWrapping = 'gm' | 'aes'

/**
 * EncryptedPrivateKeyInfo by PBES2 (RFC 8018). With `aes` it is what `openssl pkcs8 -topk8 -v2` writes and
 * reads; OpenSSL 3.0 has no PBKDF2 with HMAC-SM3.
 * `iterations` of PBKDF2 should cost a guesser a tenth of a second.
 */
export const encryptPkcs8 = (
  pkcs8: Uint8Array,
  passphrase: string,
  options: {
    readonly random: RandomBytes
    readonly wrapping?: KeyWrapping
    readonly iterations?: number
  },
): Uint8Array => {
  const { random, wrapping = 'gm', iterations = 600_000 } = options
  const { cipher, prf } = wrappings[wrapping]
  const salt = random(16)
  const iv = random(16)
  const key = deriveKey(passphrase, { salt, iterations, cipher, prf })
  const encryptor = createCipheriv(cipher.name, key, iv)
  const encrypted = Buffer.concat([encryptor.update(pkcs8), encryptor.final()])
  const prfAlgorithm = derSequence(derOid(prf.oid), derNull())
  const kdf = derSequence(derOctetString(salt), derInteger(iterations), prfAlgorithm)
  const parameters = derSequence(
    derSequence(derOid(pbkdf2Oid), kdf),
    derSequence(derOid(cipher.oid), derOctetString(iv)),
  )
  return derSequence(derSequence(derOid(pbes2Oid), parameters), derOctetString(encrypted))
}

/**
 * The PrivateKeyInfo inside an EncryptedPrivateKeyInfo: PBES2 with PBKDF2 (HMAC-SM3 or HMAC-SHA-2) and
 * SM4-CBC, AES-128-CBC or AES-256-CBC. Older schemes and more than 2,000,000 iterations are refused.
 * @throws CryptoError key_malformed, key_unsupported, ciphertext_not_authentic for a wrong passphrase
 */
export const decryptPkcs8 = (der: Uint8Array, passphrase: string): Uint8Array => {
  const { derivation, iv, encrypted } = readEncryptedPkcs8(der)
  const key = deriveKey(passphrase, derivation)
  const decryptor = createDecipheriv(derivation.cipher.name, key, iv)
  try {
    const plain = Buffer.concat([decryptor.update(encrypted), decryptor.final()])
    // One wrong key in 256 leaves padding that looks right; hardly any leaves whole DER.
    readDer(plain, derTag.sequence)
    return plain
  } catch (cause) {
    throw new CryptoError('ciphertext_not_authentic', 'wrong passphrase', { cause })
  }
}

type Named = { readonly oid: string; readonly name: string }
type Cipher = Named & { readonly keyBytes: number }

const pbes2Oid = '1.2.840.113549.1.5.13'
const pbkdf2Oid = '1.2.840.113549.1.5.12'
/** More would let a hostile file hold the process for longer than a second or two. */
const iterationsMax = 2_000_000

const sm4Cbc: Cipher = { oid: gmOid.sm4Cbc, name: 'sm4-cbc', keyBytes: 16 }
const aes256Cbc: Cipher = { oid: '2.16.840.1.101.3.4.1.42', name: 'aes-256-cbc', keyBytes: 32 }
const aes128Cbc: Cipher = { oid: '2.16.840.1.101.3.4.1.2', name: 'aes-128-cbc', keyBytes: 16 }
const hmacSm3: Named = { oid: gmOid.hmacSm3, name: 'sm3' }
const hmacSha256: Named = { oid: '1.2.840.113549.2.9', name: 'sha256' }
const hmacSha512: Named = { oid: '1.2.840.113549.2.11', name: 'sha512' }

const wrappings = {
  gm: { cipher: sm4Cbc, prf: hmacSm3 },
  aes: { cipher: aes256Cbc, prf: hmacSha256 },
} as const satisfies Readonly<Record<KeyWrapping, { cipher: Cipher; prf: Named }>>

export type Derivation = {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly prf: Named
  readonly cipher: Cipher
}

const deriveKey = (passphrase: string, { salt, iterations, cipher, prf }: Derivation): Uint8Array =>
  pbkdf2Sync(Buffer.from(passphrase, 'utf8'), salt, iterations, cipher.keyBytes, prf.name)

export type EncryptedFile = {
  readonly derivation: Derivation
  readonly iv: Uint8Array
  readonly encrypted: Uint8Array
}

/** Reads the file without deriving a key. @throws CryptoError key_malformed, key_unsupported */
export const readEncryptedPkcs8 = (der: Uint8Array): EncryptedFile => {
  try {
    return derStructure(readDer(der, derTag.sequence), (reader) => {
      const scheme = readScheme(reader.next(derTag.sequence))
      return { ...scheme, encrypted: readOctetString(reader.next()) }
    })
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause
    throw new CryptoError('key_malformed', 'not an EncryptedPrivateKeyInfo in DER', { cause })
  }
}

const readScheme = (node: DerNode): Omit<EncryptedFile, 'encrypted'> =>
  readAlgorithm(node, pbes2Oid, (parameters) =>
    derStructure(parameters, (reader) => {
      const kdfNode = reader.next(derTag.sequence)
      const { cipher, iv } = readCipher(reader.next(derTag.sequence))
      const derivation = readAlgorithm(kdfNode, pbkdf2Oid, (kdf) => readKdf(kdf, cipher))
      return { derivation, iv }
    }),
  )

const readAlgorithm = <Result>(
  node: DerNode,
  oid: string,
  read: (parameters: DerNode) => Result,
): Result =>
  derStructure(node, (reader) => {
    if (readOid(reader.next()) !== oid) throw unsupported()
    return read(reader.next(derTag.sequence))
  })

const readCipher = (node: DerNode): { cipher: Cipher; iv: Uint8Array } =>
  derStructure(node, (reader) => {
    const cipher = find([sm4Cbc, aes256Cbc, aes128Cbc], readOid(reader.next()))
    const iv = readOctetString(reader.next())
    if (iv.length !== 16) throw new CryptoError('key_malformed', 'initial value of another size')
    return { cipher, iv }
  })

const readKdf = (node: DerNode, cipher: Cipher): Derivation =>
  derStructure(node, (reader) => {
    const salt = readOctetString(reader.next())
    const iterations = readSmallInteger(reader.next())
    const length = reader.optional(derTag.integer)
    const prf = derStructure(reader.next(derTag.sequence), (members) => {
      const found = find([hmacSm3, hmacSha256, hmacSha512], readOid(members.next()))
      const none = members.optional(derTag.null)
      if (none !== undefined) readNull(none)
      return found
    })
    if (iterations < 1 || iterations > iterationsMax) throw unsupported()
    if (length !== undefined && readSmallInteger(length) !== cipher.keyBytes) throw unsupported()
    return { salt, iterations, prf, cipher }
  })

const find = <Entry extends Named>(entries: readonly Entry[], oid: string): Entry => {
  const found = entries.find((entry) => entry.oid === oid)
  if (found === undefined) throw unsupported()
  return found
}

const unsupported = (): CryptoError =>
  new CryptoError('key_unsupported', 'encrypted by a scheme that is not supported')
