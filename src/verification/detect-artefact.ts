import { looksLikeSignedData } from '../crypto/cms/parse-signed-data.ts'
import { looksLikeTimestamp } from '../trust/parse-timestamp.ts'

/** What the bytes look like; whether they are it is for the verification to say. */
export type Look = 'credential' | 'receipt' | 'certificate' | 'timestamp' | 'signedData' | 'unknown'

/**
 * Judges by the look and forgives damage: a receipt with a broken brace is a broken receipt, and not an
 * unknown file. A certificate beside something else never speaks for it.
 */
export const detectArtefact = (bytes: Uint8Array): Look => {
  if (looksLikeSignedData(bytes)) return looksLikeTimestamp(bytes) ? 'timestamp' : 'signedData'
  if (bytes[0] === 0x30 && bytes.length > 1 && bytes.length < 65_536) {
    return beginsWithOid(bytes) ? 'unknown' : 'certificate'
  }
  return lookOfText(Buffer.from(bytes).toString('latin1'))
}

const lookOfText = (text: string): Look => {
  if (receiptMarks.some((mark) => text.includes(mark))) return 'receipt'
  if (/^\s*eyJ/.test(text)) return 'credential'
  if (text.includes('-----BEGIN CERTIFICATE')) return 'certificate'
  return looksCompact(text) ? 'credential' : 'unknown'
}

const receiptMarks = ['tlog-proof@', '"receipt"', '"proof"']

const compactShareMin = 0.95
const compactLengthMin = 20
const compactSample = 65_536

/** Nearly all characters are those of base64url, with the dots of a JWS or the tildes of an SD-JWT. */
const looksCompact = (text: string): boolean => {
  const sample = text.trim().slice(0, compactSample)
  if (sample.length < compactLengthMin) return false
  const strange = sample.replace(/[\w.~-]/g, '').length
  return 1 - strange / sample.length >= compactShareMin && /[.~]/.test(text)
}

/** A CMS ContentInfo of another kind is DER, too, and no certificate. */
const beginsWithOid = (bytes: Uint8Array): boolean => {
  const length = bytes[1] ?? 0
  const header = length < 0x80 ? 2 : 2 + (length & 0x7f)
  return bytes[header] === 0x06
}
