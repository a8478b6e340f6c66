import { asId, type ReceiptNo } from '../contract/ids.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import { hasMod3736Check, mod3736Check } from '../crypto/mod3736.ts'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 60 random bits in 12 Crockford base32 characters and an ISO 7064 MOD 37,36 check character. */
export const newReceiptNo = (random: RandomBytes): ReceiptNo => {
  let body = ''
  for (const byte of random(12)) body += crockford.charAt(byte & 0x1f)
  return asId<ReceiptNo>(body + mod3736Check(body))
}

/** The number, if alphabet, length and check character fit; upper case only, no separators. */
export const parseReceiptNo = (text: string): ReceiptNo | undefined =>
  /^[0-9A-HJKMNP-TV-Z]{12}[0-9A-Z]$/.test(text) && hasMod3736Check(text)
    ? asId<ReceiptNo>(text)
    : undefined
