const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** GB 32100 check character of a unified social credit code's first 17 characters. */
export const usccCheck = (first17: string): string => {
  let sum = 0
  let weight = 1
  for (const character of first17) {
    sum += alphabet.indexOf(character) * weight
    weight = (weight * 3) % 31
  }
  return alphabet.charAt((31 - (sum % 31)) % 31)
}

/** 18 characters of the code's alphabet; registered exceptions have a wrong check character. */
export const isUsccForm = (code: string): boolean => /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(code)

/** True when form and check character are right. */
export const isUscc = (code: string): boolean =>
  isUsccForm(code) && usccCheck(code.slice(0, 17)) === code.charAt(17)
