import { GatewayError } from '../../contract/error.ts'
import type { Exchange } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

const json = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i
const rows =
  /^(?:application\/(?:x-)?ndjson|text\/csv)(?:\s*;\s*charset="?(?:utf-8|gbk|gb18030)"?)?$/i

/** @throws GatewayError file_type_unsupported */
export const checkContentType = (_deps: unknown, { raw, endpoint, body }: Exchange): void => {
  const isStream = endpoint.body === 'stream'
  if (!isStream && body.length === 0) return
  const encoding = raw.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw new GatewayError('file_type_unsupported', textsZh.contentEncoded)
  const type = raw.headers.get('content-type') ?? ''
  if (isStream && !rows.test(type))
    throw new GatewayError('file_type_unsupported', textsZh.contentTypeStream)
  if (!isStream && !json.test(type))
    throw new GatewayError('file_type_unsupported', textsZh.contentTypeJson)
}
