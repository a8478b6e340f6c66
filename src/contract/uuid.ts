/** A source of unpredictable bytes; production hands in node:crypto's randomBytes. */
export type RandomBytes = (length: number) => Uint8Array

/** RFC 9562 UUID version 7: 48 bits of Unix milliseconds, then 74 random bits. */
export const newUuidV7 = (nowMs: number, randomBytes: RandomBytes): string => {
  const bytes = Buffer.from(randomBytes(16))
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** True for the canonical lower-case text of any UUID. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
