/** Full-width ASCII (！ to ～) and the ideographic space become half-width; everything else stays. */
export const toHalfWidth = (text: string): string =>
  hasFullWidth.test(text) ? text.replace(everyFullWidth, halfWidthOf) : text

const hasFullWidth = /[\uFF01-\uFF5E\u3000]/
const everyFullWidth = /[\uFF01-\uFF5E\u3000]/g

const halfWidthOf = (character: string): string =>
  character === '\u3000' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0)
