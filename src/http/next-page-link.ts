import type { Json } from '../contract/endpoint.ts'
import { isJsonObject } from '../crypto/json-value.ts'

/** `Link: …; rel="next"` (RFC 8288) for data that names a next page, relative to the same address. */
export const nextPageLink = (
  target: string,
  data: Json,
): Readonly<Record<string, string>> | undefined => {
  const cursor = isJsonObject(data) ? data['nextCursor'] : undefined
  if (typeof cursor !== 'string') return undefined
  const [path = '', query = ''] = target.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return { link: `<${path}?${parameters.toString()}>; rel="next"` }
}
