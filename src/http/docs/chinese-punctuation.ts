/**
 * Sets the punctuation of Chinese text in full width, as print does. Tags, code and style sheets are left
 * alone; parentheses are set in pairs.
 */
export const chinesePunctuation = (markup: string): string => {
  let isCode = 0
  return markup
    .split(/(<[^>]*>|&#\d+;)/)
    .map((part) => {
      if (!/^[<&]/.test(part)) return isCode > 0 ? part : setText(part)
      if (/^<(code|pre|style|title)\b/.test(part)) isCode += 1
      if (/^<\/(code|pre|style|title)\b/.test(part)) isCode -= 1
      return part
    })
    .join('')
}

const fullWidth: Readonly<Record<string, string>> = {
  ',': '\uff0c',
  ';': '\uff1b',
  ':': '\uff1a',
  '?': '\uff1f',
  '!': '\uff01',
}

const setText = (text: string): string =>
  text
    .replace(/\(([^()]*)\)/g, (pair, inner: string, at: number) =>
      isHan(inner + text.charAt(at - 1) + text.charAt(at + pair.length))
        ? `\uff08${inner}\uff09`
        : pair,
    )
    .replace(
      /(?<=[\p{Script=Han}”》\uff09…])[,;:?!]|[,;:?!](?=[\p{Script=Han}“《\uff08])/gu,
      (mark) => fullWidth[mark] ?? mark,
    )

const isHan = (text: string): boolean => /\p{Script=Han}/u.test(text)
