import { GatewayError } from '../../contract/error.ts'
import { CryptoError } from '../../crypto/crypto-error.ts'
import type { JsonValue } from '../../crypto/json-value.ts'
import { parseJson } from '../../crypto/parse-json.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

/** @throws GatewayError malformed_json */
export const checkJson = (_deps: unknown, exchange: Exchange): void => {
  const { endpoint, body } = exchange
  if (body.length > 0) exchange.json = parse(body)
  else if (endpoint.body !== undefined)
    throw new GatewayError('malformed_json', textsZh.bodyMissing)
}

const parse = (body: Uint8Array): JsonValue => {
  try {
    return parseJson(body)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw new GatewayError('malformed_json', textsZh.jsonMalformed(cause.position), { cause })
  }
}
