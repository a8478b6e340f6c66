import { CryptoError } from '../crypto-error.ts'
import { derStructure, readDer } from '../read-der.ts'
import { readIntegerBytes, readOctetString } from '../read-der-value.ts'
import { derInteger, derOctetString, derSequence, derTag } from '../write-der.ts'
import { readSm2Point, type Sm2PublicKey } from './public-key.ts'

/** `der` is the structure of GM/T 0009; `raw` is 04‖x‖y‖C3‖C2, the order that GB/T 32918.4 prescribes. */
export type Sm2CiphertextForm = 'der' | 'raw'

export type Sm2Ciphertext = {
  /** C1 of the standard. */
  readonly point: Sm2PublicKey
  /** C3, 32 bytes. */
  readonly hash: Uint8Array
  /** C2, at least one byte. */
  readonly masked: Uint8Array
}

/** @throws CryptoError ciphertext_malformed, also for a C1 that is no point of the curve */
export const readSm2Ciphertext = (bytes: Uint8Array, form: Sm2CiphertextForm): Sm2Ciphertext => {
  try {
    const parts = form === 'raw' ? rawParts(bytes) : derParts(bytes)
    if (parts.hash.length === 32 && parts.masked.length > 0)
      return { ...parts, point: readSm2Point(parts.point) }
  } catch (cause) {
    throw new CryptoError('ciphertext_malformed', 'not an SM2 ciphertext', { cause })
  }
  throw new CryptoError('ciphertext_malformed', 'parts of another size')
}

export const writeSm2Ciphertext = (
  { point, hash, masked }: Sm2Ciphertext,
  form: Sm2CiphertextForm,
): Uint8Array =>
  form === 'raw'
    ? Buffer.concat([Buffer.of(4), point.point, hash, masked])
    : derSequence(
        derInteger(point.point.subarray(0, 32)),
        derInteger(point.point.subarray(32)),
        derOctetString(hash),
        derOctetString(masked),
      )

type Parts = Readonly<Record<'point' | 'hash' | 'masked', Uint8Array>>

const rawParts = (bytes: Uint8Array): Parts => ({
  point: bytes.subarray(0, 65),
  hash: bytes.subarray(65, 97),
  masked: bytes.subarray(97),
})

const derParts = (bytes: Uint8Array): Parts =>
  derStructure(readDer(bytes, derTag.sequence), (reader) => {
    const x = coordinate(readIntegerBytes(reader.next()))
    const y = coordinate(readIntegerBytes(reader.next()))
    const hash = readOctetString(reader.next())
    return { point: Buffer.concat([x, y]), hash, masked: readOctetString(reader.next()) }
  })

const coordinate = (bytes: Uint8Array): Uint8Array => {
  const unsigned = bytes[0] === 0 ? bytes.subarray(1) : bytes
  if (((bytes[0] ?? 0) & 0x80) !== 0 || unsigned.length > 32)
    throw new CryptoError('ciphertext_malformed', 'a coordinate is negative or too large')
  return Buffer.concat([Buffer.alloc(32 - unsigned.length), unsigned])
}
