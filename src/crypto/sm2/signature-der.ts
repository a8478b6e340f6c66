import { CryptoError } from '../crypto-error.ts'
import { derStructure, readDer } from '../read-der.ts'
import { readIntegerBytes } from '../read-der-value.ts'
import { derInteger, derSequence, derTag } from '../write-der.ts'

/**
 * 64 bytes r‖s from SEQUENCE { r INTEGER, s INTEGER } in DER: minimal, not negative, at most 256 bits,
 * nothing behind. Whether r and s are below the order is for the verifier.
 * @throws CryptoError signature_malformed
 */
export const sm2SignatureFromDer = (der: Uint8Array): Uint8Array => {
  try {
    return derStructure(readDer(der, derTag.sequence), (reader) =>
      Buffer.concat([
        fixedNumber(readIntegerBytes(reader.next())),
        fixedNumber(readIntegerBytes(reader.next())),
      ]),
    )
  } catch (cause) {
    throw new CryptoError('signature_malformed', 'not the DER of two numbers', { cause })
  }
}

/** The same for libraries that expect no exception: no bytes verify under no key. */
export const rawSignatureOrEmpty = (der: Uint8Array): Uint8Array => {
  try {
    return sm2SignatureFromDer(der)
  } catch (error) {
    if (error instanceof CryptoError) return new Uint8Array()
    throw error
  }
}

/** The DER form of 64 bytes r‖s. @throws CryptoError signature_malformed */
export const sm2SignatureToDer = (signature: Uint8Array): Uint8Array => {
  if (signature.length !== 64)
    throw new CryptoError('signature_malformed', 'a raw signature has 64 bytes')
  return derSequence(derInteger(signature.subarray(0, 32)), derInteger(signature.subarray(32)))
}

const fixedNumber = (bytes: Uint8Array): Uint8Array => {
  const unsigned = bytes[0] === 0 ? bytes.subarray(1) : bytes
  if (((bytes[0] ?? 0) & 0x80) !== 0 || unsigned.length > 32)
    throw new CryptoError('signature_malformed', 'a number is negative or too large')
  return Buffer.concat([Buffer.alloc(32 - unsigned.length), unsigned])
}
