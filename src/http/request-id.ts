import type { RandomBytes } from '../contract/uuid.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import type { RawRequest } from './raw-request.ts'

/** The caller's X-Request-Id when it is harmless in logs, else a new one. */
export const requestIdOf = ({ headers }: RawRequest, random: RandomBytes): string => {
  const given = headers.get('x-request-id')
  return given !== undefined && /^[A-Za-z0-9_-]{8,64}$/.test(given)
    ? given
    : encodeBase64Url(random(12))
}
