/**
 * A name as it is compared: width, spaces and the several middle dots do not matter, anything else does.
 */
export const foldName = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[·•・‧∙⋅.]/g, '·')
    .replace(/\s/g, '')

/** A licence number (证照编号) with full-width letters, digits and brackets made half-width. */
export const foldNumber = (number: string): string => toHalfWidthNumber(number.trim())

const toHalfWidthNumber = (number: string): string =>
  number.replace(/[０-９Ａ-Ｚａ-ｚ（）]/g, (character) =>
    String.fromCharCode(character.charCodeAt(0) - 0xfee0),
  )
