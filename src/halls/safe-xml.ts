/** An element: local name without prefix, attributes, own text, element children in order. */
export type XmlNode = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
  readonly children: readonly XmlNode[]
}

export type ParsedXml =
  { readonly ok: true; readonly root: XmlNode } | { readonly ok: false; readonly cause: string }

const depthMax = 32
const elementsMax = 100_000
/** No department's element has more than a few dozen. */
const attributesMax = 1_000
const referencesMax = 100_000

type Open = { tag: string; attributes: Readonly<Record<string, string>>; text: string } & {
  readonly children: XmlNode[]
}

const nameForm = '[A-Za-z_:\\u0080-\\uFFFF][\\w.:\\-\\u0080-\\uFFFF]*'
const tokens = {
  declaration: /<\?xml\s[^<>]*\?>/y,
  instruction: /<\?(?!xml[\s?])[A-Za-z_][^<>]*?\?>/y,
  opening: new RegExp(
    `<(${nameForm})((?:\\s+${nameForm}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`,
    'y',
  ),
  closing: new RegExp(`</(${nameForm})\\s*>`, 'y'),
}
const attributeForm = new RegExp(`(${nameForm})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'g')

class Refusal extends Error {}

/**
 * Reads XML from a hall: well-formed, without a document type (so there are no entities to expand and
 * nothing to fetch), at most 32 deep and 100,000 elements. Prefixes are dropped, never resolved.
 */
export const parseXml = (source: string): ParsedXml => {
  if (hasMore(source, '&', referencesMax)) return { ok: false, cause: 'xml_too_large' }
  try {
    return { ok: true, root: readDocument(source.replace(/^\uFEFF/, '')) }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, cause: error.message }
    throw error
  }
}

const readDocument = (source: string): XmlNode => {
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/.test(source))
    throw new Refusal('xml_control_character')
  const outside: Open = { tag: '', attributes: {}, text: '', children: [] }
  const open: Open[] = [outside]
  let at = take(tokens.declaration, source, 0)?.[0].length ?? 0
  for (let elements = 0; at < source.length; elements += 1) {
    if (elements > 4 * elementsMax) throw new Refusal('xml_too_large')
    at += readToken(source, at, open)
  }
  const [root, ...others] = outside.children
  if (root === undefined || others.length > 0 || open.length > 1 || outside.text.trim() !== '')
    throw new Refusal('xml_malformed')
  return root
}

const hasMore = (source: string, character: string, countMax: number): boolean => {
  let at = source.indexOf(character)
  for (let count = 0; at >= 0; count += 1) {
    if (count >= countMax) return true
    at = source.indexOf(character, at + 1)
  }
  return false
}

const take = (form: RegExp, source: string, at: number): RegExpExecArray | null => {
  form.lastIndex = at
  return form.exec(source)
}

/** Reads one token into the innermost open element; answers its length. */
const readToken = (source: string, at: number, open: Open[]): number => {
  const inner = open.at(-1)
  if (inner === undefined) throw new Refusal('xml_malformed')
  if (source.charAt(at) === '<') return readMarkup(source, at, open, inner)
  const next = source.indexOf('<', at)
  const text = source.slice(at, next < 0 ? undefined : next)
  inner.text += readText(text)
  return text.length
}

const readMarkup = (source: string, at: number, open: Open[], inner: Open): number => {
  if (source.startsWith('<!', at)) return readSection(source, at, open, inner)
  const opening = take(tokens.opening, source, at)
  if (opening !== null) return openElement(opening, open, inner)
  const closing = take(tokens.closing, source, at)
  if (closing !== null) return closeElement(closing, open, inner)
  const instruction = take(tokens.instruction, source, at)
  if (instruction === null) throw new Refusal('xml_malformed')
  return instruction[0].length
}

const readSection = (source: string, at: number, open: Open[], inner: Open): number => {
  if (source.startsWith('<!--', at)) {
    const close = source.indexOf('--', at + 4)
    if (close < 0 || source.charAt(close + 2) !== '>') throw new Refusal('xml_malformed')
    return close + 3 - at
  }
  const close = source.indexOf(']]>', at)
  if (source.startsWith('<![CDATA[', at) && close > 0 && open.length > 1) {
    inner.text += source.slice(at + 9, close)
    return close + 3 - at
  }
  const isType = source.slice(at, at + 9).toUpperCase() === '<!DOCTYPE'
  throw new Refusal(isType ? 'xml_document_type' : 'xml_malformed')
}

const openElement = (found: RegExpExecArray, open: Open[], inner: Open): number => {
  const [whole, tag = '', attributes = '', slash] = found
  const element: Open = { tag, attributes: readAttributes(attributes), text: '', children: [] }
  if (slash === '/') inner.children.push(finished(element))
  else open.push(element)
  if (open.length > depthMax) throw new Refusal('xml_too_deep')
  return whole.length
}

const closeElement = (found: RegExpExecArray, open: Open[], inner: Open): number => {
  open.pop()
  const outer = open.at(-1)
  if (outer === undefined || inner.tag !== found[1]) throw new Refusal('xml_malformed')
  outer.children.push(finished(inner))
  return found[0].length
}

const finished = ({ tag, attributes, text, children }: Open): XmlNode => ({
  name: localName(tag),
  attributes,
  text,
  children,
})

const localName = (tag: string): string => tag.slice(tag.lastIndexOf(':') + 1)

const readAttributes = (source: string): Readonly<Record<string, string>> => {
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single] of source.matchAll(attributeForm)) {
    if (attributes.has(name)) throw new Refusal('xml_malformed')
    if (attributes.size >= attributesMax) throw new Refusal('xml_too_large')
    attributes.set(name, readText(double ?? single ?? ''))
  }
  return Object.fromEntries(attributes)
}

const named = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }))

const readText = (source: string): string => {
  if (source.includes(']]>')) throw new Refusal('xml_malformed')
  if (!source.includes('&')) return source
  return source.replace(/&([^;]{0,10};)?/g, (_, name: string | undefined) => entity(name))
}

const entity = (name: string | undefined): string => {
  const found = named.get(name?.slice(0, -1) ?? '')
  if (found !== undefined) return found
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));$/.exec(name ?? '') ?? []
  const point = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)
  if (!isXmlCharacter(point)) throw new Refusal('xml_entity')
  return String.fromCodePoint(point)
}

const isXmlCharacter = (point: number): boolean =>
  [0x09, 0x0a, 0x0d].includes(point) ||
  (point >= 0x20 && point <= 0xd7ff) ||
  (point >= 0xe000 && point <= 0xfffd) ||
  (point >= 0x10000 && point <= 0x10ffff)

/** First child of that name. */
export const childOf = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((child) => child.name === name)

export const childrenOf = (node: XmlNode | undefined, name: string): readonly XmlNode[] =>
  node?.children.filter((child) => child.name === name) ?? []

/** Text of the first child of that name; undefined if there is none. */
export const textOf = (node: XmlNode | undefined, name: string): string | undefined =>
  childOf(node, name)?.text

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}

/** Character data of XML 1.0; characters that it cannot carry at all are left out. */
export const escapeXml = (value: string): string =>
  value
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]/g, '')
    .replace(/[&<>"'\r]/g, (character) => escapes[character] ?? character)

/** `<name>escaped text</name>`; a list of elements already written is taken as it is. */
export const xmlElement = (name: string, content: string | readonly string[]): string =>
  `<${name}>${typeof content === 'string' ? escapeXml(content) : content.join('')}</${name}>`
