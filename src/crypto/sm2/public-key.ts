import { CryptoError } from '../crypto-error.ts'
import { bytesToNumber, numberToBytes, sm2Curve, Sm2Point } from './curve.ts'

/** A point that was found on the curve and is not infinity. Only readSm2Point and readSm2Spki make it. */
export type Sm2PublicKey = {
  /** 64 bytes x‖y. */
  readonly point: Uint8Array
  /** The same bytes as a map key. */
  readonly name: string
}

/**
 * Reads a point: 65 bytes 04‖x‖y, 33 bytes compressed, or 64 bytes x‖y.
 * @throws CryptoError key_malformed: another length or form, a coordinate outside the field, off the curve
 */
export const readSm2Point = (bytes: Uint8Array): Sm2PublicKey => {
  const point = Uint8Array.from(plainPoint(bytes))
  return { point, name: Buffer.from(point).toString('latin1') }
}

/** True for the head of an SM2 SubjectPublicKeyInfo; its point has still to be read. */
export const isSm2Spki = (spki: Uint8Array): boolean => {
  const head = spkiHeads.get(spki.length)
  return head !== undefined && Buffer.compare(head, spki.subarray(0, head.length)) === 0
}

/**
 * Reads a DER SubjectPublicKeyInfo: id-ecPublicKey, the curve by name, nothing behind it.
 * @throws CryptoError key_unsupported for any other algorithm, curve or form, key_malformed
 */
export const readSm2Spki = (spki: Uint8Array): Sm2PublicKey => {
  if (!isSm2Spki(spki))
    throw new CryptoError('key_unsupported', 'not a SubjectPublicKeyInfo of SM2')
  return readSm2Point(spki.subarray(uncompressedHead.length))
}

/** DER SubjectPublicKeyInfo with the uncompressed point. */
export const writeSm2Spki = (key: Sm2PublicKey): Uint8Array =>
  Buffer.concat([uncompressedHead, Buffer.of(4), key.point])

/** DER has one form only, so the two possible heads are constants. */
const spkiHead = (outer: number, bits: number): Buffer =>
  Buffer.concat([
    Buffer.of(0x30, outer),
    Buffer.from('301306072a8648ce3d020106082a811ccf5501822d', 'hex'),
    Buffer.of(0x03, bits, 0x00),
  ])

const uncompressedHead = spkiHead(89, 66)
const spkiHeads: ReadonlyMap<number, Buffer> = new Map([
  [91, uncompressedHead],
  [59, spkiHead(57, 34)],
])

const plainPoint = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === 33) return decompress(bytes)
  const point = bytes.length === 65 && bytes[0] === 4 ? bytes.subarray(1) : bytes
  if (point.length !== 64) throw malformed('not a point of 256 bits')
  if (!isOnCurve(bytesToNumber(point.subarray(0, 32)), bytesToNumber(point.subarray(32))))
    throw malformed('not a point of the curve')
  return point
}

const { p, a, b } = sm2Curve

const isOnCurve = (x: bigint, y: bigint): boolean =>
  x < p && y < p && (y * y - ((x * x + a) * x + b)) % p === 0n

const decompress = (bytes: Uint8Array): Uint8Array => {
  try {
    const { x, y } = Sm2Point.fromBytes(bytes).toAffine()
    return Buffer.concat([numberToBytes(x), numberToBytes(y)])
  } catch (cause) {
    throw malformed('not a compressed point of the curve', cause)
  }
}

const malformed = (message: string, cause?: unknown): CryptoError =>
  new CryptoError('key_malformed', message, { cause })
