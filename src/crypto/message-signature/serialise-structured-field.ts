import { encodeBase64 } from '../base64url.ts'
import type { BareItem, InnerList, Item, Parameters } from './structured-field.ts'

/** RFC 9651 §4.1.1.1; the value of `@signature-params` in a signature base. */
export const serialiseInnerList = (list: InnerList): string =>
  `(${list.items.map(serialiseItem).join(' ')})${serialiseParameters(list.parameters)}`

/** RFC 9651 §4.1.3. */
export const serialiseItem = (item: Item): string =>
  serialiseBareItem(item.item) + serialiseParameters(item.parameters)

const serialiseParameters = (parameters: Parameters): string => {
  let text = ''
  for (const [name, value] of parameters)
    text +=
      value.kind === 'boolean' && value.value ? `;${name}` : `;${name}=${serialiseBareItem(value)}`
  return text
}

const serialiseBareItem = (item: BareItem): string => {
  switch (item.kind) {
    case 'integer':
      return String(item.value)
    case 'string':
      return `"${item.value.replace(/["\\]/g, '\\$&')}"`
    case 'token':
      return item.value
    case 'bytes':
      return `:${encodeBase64(item.value)}:`
    case 'boolean':
      return item.value ? '?1' : '?0'
  }
}
