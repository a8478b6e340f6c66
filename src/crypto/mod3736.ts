import { CryptoError } from './crypto-error.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * ISO/IEC 7064 MOD 37,36 check character of licence identifiers (GB/T 36904) and receipt numbers.
 * `text` holds 0-9 and A-Z only: separators are taken out before.
 * @throws CryptoError check_character_input
 */
export const mod3736Check = (text: string): string => {
  let product = 36
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) throw new CryptoError('check_character_input', 'only 0-9 and A-Z can be checked')
    const sum = (product + value) % 36
    product = ((sum === 0 ? 36 : sum) * 2) % 37
  }
  return alphabet.charAt((37 - product) % 36)
}

/** True when the last character is the check character of those before it. */
export const hasMod3736Check = (text: string): boolean =>
  /^[0-9A-Z]{2,}$/.test(text) && mod3736Check(text.slice(0, -1)) === text.slice(-1)
