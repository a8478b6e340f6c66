import { type InnerList, type Item, MessageSignatureError } from './structured-field.ts'
import { serialiseInnerList, serialiseItem } from './serialise-structured-field.ts'

/**
 * The signature base of RFC 9421 §2.5: one line for each covered component, then `@signature-params`.
 * `valueOf` gives a component's value; it is written by the caller, who knows the message.
 * @throws MessageSignatureError components when one is repeated or its value would break the line
 */
export const signatureBase = (covered: InnerList, valueOf: (component: Item) => string): string => {
  const seen = new Set<string>()
  let base = ''
  for (const component of covered.items) {
    const name = serialiseItem(component)
    const value = valueOf(component)
    if (component.item.kind !== 'string' || seen.has(name) || /[\r\n]/.test(value))
      throw new MessageSignatureError('components', 'a covered component is repeated or unusable')
    seen.add(name)
    base += `${name}: ${value}\n`
  }
  return `${base}"@signature-params": ${serialiseInnerList(covered)}`
}
