/** The bare items that HTTP message signatures and digests use; decimals, dates and display strings are not among them. */
export type BareItem =
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'string' | 'token'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'boolean'; readonly value: boolean }

export type Parameters = ReadonlyMap<string, BareItem>
export type Item = { readonly item: BareItem; readonly parameters: Parameters }
export type InnerList = { readonly items: readonly Item[]; readonly parameters: Parameters }
export type Dictionary = ReadonlyMap<string, Item | InnerList>

/** True for the inner list of RFC 9651 §3.1.1. */
export const isInnerList = (member: Item | InnerList): member is InnerList => 'items' in member

/** A signature or digest header that cannot be read. Messages name the rule, never the content. */
export class MessageSignatureError extends Error {
  override readonly name = 'MessageSignatureError'
  readonly code: MessageSignatureErrorCode

  constructor(code: MessageSignatureErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export type MessageSignatureErrorCode =
  'field_malformed' | 'label' | 'components' | 'parameters' | 'signature_length' | 'digest_field'
