import type { Endpoint } from '../contract/endpoint.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { Exchange } from './exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import type { RawRequest } from './raw-request.ts'
import { requestIdOf } from './request-id.ts'

/** A request of which nothing has been checked yet. */
export const createExchange = (
  { clock, publicUrl, randomBytes }: PipelineDeps,
  {
    endpoint,
    raw,
    params,
  }: {
    readonly endpoint: Endpoint<Tx>
    readonly raw: RawRequest
    readonly params: Readonly<Record<string, string>>
  },
): Exchange => ({
  raw,
  endpoint,
  params,
  requestId: requestIdOf(raw, randomBytes),
  now: clock.now(),
  signable: {
    method: raw.method,
    targetUri: publicUrl + raw.target,
    header: raw.headers.get,
  },
  signature: undefined,
  signatureBase: undefined,
  client: undefined,
  caller: undefined,
  rate: undefined,
  streaming: false,
  body: new Uint8Array(),
  bodyDigest: '',
  json: undefined,
  query: {},
  parsedBody: undefined,
  valueErrors: [],
  reservation: undefined,
  nonceFiled: false,
})
