import { errorTable } from '../contract/error-table.ts'
import type { GatewayError } from '../contract/error.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import type { JsonObject, JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'

/**
 * The problem document of RFC 9457 as JCS text, without its receipt. `instance` names the request and
 * not its address, which may hold ids.
 */
export const problemText = (
  error: GatewayError,
  request: { readonly requestId: string; readonly publicUrl: string },
): string => {
  const { titleZh, retryable, status } = errorTable[error.code]
  return canonicalJson({
    ...asJson(error.members),
    type: `${request.publicUrl}/problems/${error.code}`,
    title: titleZh,
    status,
    detail: error.publicMessage,
    instance: `urn:zhengqiao:request:${request.requestId}`,
    code: error.code,
    requestId: request.requestId,
    source: error.source,
    retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
  })
}

/** Members come typed as unknown; whatever JSON cannot say is left out. */
const asJson = (members: Readonly<Record<string, unknown>>): JsonObject => {
  const json: Record<string, JsonValue> = {}
  for (const [name, member] of Object.entries(members)) {
    const text: unknown = JSON.stringify(member)
    if (typeof text === 'string') json[name] = parseJson(text)
  }
  return json
}
