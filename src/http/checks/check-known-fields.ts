import { z } from 'zod'
import type { FieldError } from '../../contract/error.ts'
import { GatewayError } from '../../contract/error.ts'
import type { JsonValue } from '../../crypto/json-value.ts'
import type { Exchange } from '../exchange.ts'
import { fieldErrorsOf, unknownFieldCode } from '../field-errors.ts'
import { findNul } from '../find-nul.ts'
import { textsZh } from '../texts-zh.ts'

const noFields = z.strictObject({})

/**
 * Holds query and body against the endpoint's schemas. Fields that nobody knows are refused here, what
 * else is wrong by checkValues after it.
 * @throws GatewayError unknown_field
 */
export const checkKnownFields = (_deps: unknown, exchange: Exchange): void => {
  const { endpoint } = exchange
  const query = readQuery(exchange.raw.target)
  exchange.query = Object.fromEntries(query.entries)
  const errors = [...query.errors, ...errorsIn(endpoint.query ?? noFields, exchange.query).errors]
  if (endpoint.body !== 'stream' && exchange.json !== undefined) {
    const parsed = errorsIn(endpoint.body ?? noFields, exchange.json)
    exchange.parsedBody = parsed.value
    errors.push(...parsed.errors, ...nulErrors(exchange.json, exchange.body))
  }
  const unknown = errors.filter(({ code }) => code === unknownFieldCode)
  if (unknown.length > 0) throw new GatewayError('unknown_field', undefined, { errors: unknown })
  exchange.valueErrors = errors
}

const errorsIn = (schema: z.ZodType, input: unknown) => {
  const parsed = schema.safeParse(input)
  return parsed.success
    ? { value: parsed.data, errors: [] }
    : { value: undefined, errors: fieldErrorsOf(parsed.error, input) }
}

/** PostgreSQL has no text with NUL in it, so no field of ours may hold one. */
const nulErrors = (json: JsonValue, body: Uint8Array): FieldError[] => {
  if (!Buffer.from(body.buffer, body.byteOffset, body.length).includes('\\u0000')) return []
  const pointer = findNul(json)
  return pointer === undefined ? [] : [{ pointer, code: 'nul', detail: textsZh.nulCharacter }]
}

const readQuery = (target: string) => {
  const queryAt = target.indexOf('?')
  if (queryAt < 0) return { entries: [], errors: [] }
  const entries = [...new URLSearchParams(target.slice(queryAt + 1))]
  const names = entries.map(([name]) => name)
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  const errors: FieldError[] = []
  if (repeated !== undefined)
    errors.push({ pointer: '', code: 'query_repeated', detail: textsZh.queryRepeated })
  if (entries.some(([, value]) => value.includes('\0')))
    errors.push({ pointer: '', code: 'nul', detail: textsZh.nulCharacter })
  return { entries, errors }
}
