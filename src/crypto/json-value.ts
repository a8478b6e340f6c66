/** JSON as RFC 8259 knows it; what parseJson returns and canonicalJson takes. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [member: string]: JsonValue }

export type JsonObject = { readonly [member: string]: JsonValue }

/** True for a JSON object, false for arrays, null and scalars. */
export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Array.isArray that keeps the element type of a readonly array. */
export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value)
