import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGatewayClient, type GatewayClient } from '../client/gateway-client.ts'
import { loadRequestKey } from '../client/request-key.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import { openPlainGmCrypto } from '../crypto/provider/gm-crypto.ts'
import type { Sm2Engine } from '../crypto/sm2/engine.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import type { ActorCall, ActorReply } from './actor-protocol.ts'

export type ActorOptions = {
  /** A folder of folders `<client id>/` with key.pem and cert.pem. */
  readonly clientsDir: string
  readonly publicUrl: string
  readonly now: () => Date
  readonly randomBytes: RandomBytes
}

/** One party of the walk in a process of its own: it signs with its keys and sends what it is asked to. */
export const createActor = (options: ActorOptions): ((call: ActorCall) => Promise<ActorReply>) => {
  const clients = new Map<string, Promise<GatewayClient>>()
  const { sm2 } = openPlainGmCrypto()
  const clientOf = (clientId: string): Promise<GatewayClient> => {
    const client = clients.get(clientId) ?? openClient(options, clientId, sm2)
    clients.set(clientId, client)
    return client
  }
  return async (call) => {
    try {
      return await act(await clientOf(call.as), call, options)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      return { id: call.id, status: 0, data: null, receipt: null, text }
    }
  }
}

const openClient = async (
  options: ActorOptions,
  clientId: string,
  sm2: Sm2Engine,
): Promise<GatewayClient> => {
  const read = (file: string) => readFile(join(options.clientsDir, clientId, file), 'utf8')
  const key = loadRequestKey(await read('key.pem'), await read('cert.pem'), sm2)
  return createGatewayClient({ ...options, key })
}

const act = async (
  client: GatewayClient,
  call: ActorCall,
  { randomBytes }: ActorOptions,
): Promise<ActorReply> => {
  const isNdjson = call.ndjson !== undefined
  const body = isNdjson ? Buffer.from(call.ndjson) : call.body
  const { status, data, problem, receipt, text } = await client.request(
    call.method,
    call.path,
    body,
    {
      ...(isNdjson ? { contentType: 'application/x-ndjson' } : {}),
      ...(call.method === 'POST' ? { idempotencyKey: encodeBase64Url(randomBytes(18)) } : {}),
      ...(call.operator === undefined ? {} : { operatorId: call.operator }),
    },
  )
  return { id: call.id, status, data: data ?? problem ?? null, receipt: receipt ?? null, text }
}
