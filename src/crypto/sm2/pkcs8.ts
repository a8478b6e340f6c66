import { CryptoError } from '../crypto-error.ts'
import {
  DerError,
  derExplicit,
  derMembers,
  derStructure,
  readDer,
  type DerReader,
} from '../read-der.ts'
import {
  readOctetAlignedBits,
  readOctetString,
  readOid,
  readSmallInteger,
} from '../read-der-value.ts'
import {
  derBitString,
  derContext,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derTag,
} from '../write-der.ts'
import { ecPublicKeyOid, gmOid } from './oid.ts'

/** What a PKCS #8 file of SM2 says, before anybody has checked that the point belongs to the number. */
export type Sm2SecretFile = {
  /** 32 bytes. */
  readonly secret: Uint8Array
  /** The point as the file has it, or undefined. */
  readonly point: Uint8Array | undefined
}

/**
 * Reads a PrivateKeyInfo (RFC 5958) with an ECPrivateKey (RFC 5915) of the SM2 curve.
 * @throws CryptoError key_unsupported for another algorithm or curve, key_malformed
 */
export const readSm2Pkcs8 = (der: Uint8Array): Sm2SecretFile => {
  try {
    return derStructure(readDer(der, derTag.sequence), readPrivateKeyInfo)
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause
    throw new CryptoError('key_malformed', 'not a PKCS #8 private key in DER', { cause })
  }
}

/** True for a PrivateKeyInfo that names SM2, whatever its key is worth. */
export const isSm2Pkcs8 = (der: Uint8Array): boolean => {
  try {
    const reader = derMembers(readDer(der, derTag.sequence))
    reader.next(derTag.integer)
    return Buffer.compare(reader.next().encoding, sm2Algorithm) === 0
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

/** DER PrivateKeyInfo with the point inside, as OpenSSL writes it. */
export const writeSm2Pkcs8 = (secret: Uint8Array, point: Uint8Array): Uint8Array => {
  const publicBits = derBitString(Buffer.concat([Buffer.of(4), point]))
  const key = derSequence(derInteger(1), derOctetString(secret), derContext(1, publicBits))
  return derSequence(derInteger(0), sm2Algorithm, derOctetString(key))
}

const sm2Algorithm = derSequence(derOid(ecPublicKeyOid), derOid(gmOid.sm2))

const readPrivateKeyInfo = (reader: DerReader): Sm2SecretFile => {
  const version = readSmallInteger(reader.next())
  const algorithm = reader.next(derTag.sequence)
  if (Buffer.compare(algorithm.encoding, sm2Algorithm) !== 0)
    throw new CryptoError('key_unsupported', 'not a private key of SM2')
  const file = readDer(readOctetString(reader.next()), derTag.sequence)
  const key = derStructure(file, readEcPrivateKey)
  reader.optional(0xa0)
  const outer = reader.optional(0x81)
  // RFC 5958 §2: version 1 if and only if the public key stands here.
  if (version !== (outer === undefined ? 0 : 1))
    throw new CryptoError('key_malformed', 'unknown version')
  return outer === undefined || key.point !== undefined
    ? key
    : { ...key, point: readOctetAlignedBits(outer, 0x81) }
}

const readEcPrivateKey = (reader: DerReader): Sm2SecretFile => {
  if (readSmallInteger(reader.next()) !== 1)
    throw new CryptoError('key_malformed', 'unknown version')
  const secret = readOctetString(reader.next())
  if (secret.length !== 32) throw new CryptoError('key_malformed', 'secret number of another size')
  const curve = reader.optional(0xa0)
  if (curve !== undefined && readOid(derExplicit(curve)) !== gmOid.sm2)
    throw new CryptoError('key_unsupported', 'not the SM2 curve')
  const bits = reader.optional(0xa1)
  const point = bits === undefined ? undefined : readOctetAlignedBits(derExplicit(bits))
  return { secret, point }
}
