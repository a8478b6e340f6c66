import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGatewayClient, type GatewayClient } from '../client/gateway-client.ts'
import { loadRequestKey } from '../client/request-key.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { ActorCall, ActorReply } from './actor-protocol.ts'

export type ActorOptions = {
  /** A folder of folders `<client id>/` with key.pem and cert.pem. */
  readonly clientsDir: string
  readonly publicUrl: string
  readonly nowMs: () => number
  readonly randomBytes: RandomBytes
}

/** One party of the walk in a process of its own: it signs with its keys and sends what it is asked to. */
export const createActor = (options: ActorOptions): ((call: ActorCall) => Promise<ActorReply>) => {
  const clients = new Map<string, Promise<GatewayClient>>()
  const clientOf = (clientId: string): Promise<GatewayClient> => {
    const client = clients.get(clientId) ?? openClient(options, clientId)
    clients.set(clientId, client)
    return client
  }
  return async (call) => {
    try {
      return await act(await clientOf(call.as), call)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      return { id: call.id, status: 0, data: null, receipt: null, text }
    }
  }
}

const openClient = async (options: ActorOptions, clientId: string): Promise<GatewayClient> => {
  const read = (file: string) => readFile(join(options.clientsDir, clientId, file), 'utf8')
  const key = loadRequestKey(await read('key.pem'), await read('cert.pem'))
  return createGatewayClient({ ...options, key })
}

const act = async (client: GatewayClient, call: ActorCall): Promise<ActorReply> => {
  const { status, data, receipt, text } = await client.send({
    method: call.method,
    path: call.path,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.ndjson === undefined
      ? {}
      : { raw: { bytes: Buffer.from(call.ndjson), contentType: 'application/x-ndjson' } }),
    ...(call.operator === undefined ? {} : { operator: call.operator }),
  })
  return { id: call.id, status, data, receipt, text }
}
