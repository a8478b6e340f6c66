/** Markup that needs no more escaping. */
export type Html = { readonly html: string }

type Part = Html | string | number | undefined | readonly Html[]

/** Escapes every value that is not markup itself; lists are joined, undefined is nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.map((text, at) => text + markupOf(parts[at])).join(''),
})

/** A text that is markup already and stands in our own sources. */
export const ownMarkup = (text: string): Html => ({ html: text })

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)

const markupOf = (part: Part): string => {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'html' in part ? part.html : part.map((each) => each.html).join('')
}
