import type { KnownClient } from '../../access/client.ts'
import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'

/** Looks up the certificate that the signature names. @throws GatewayError client_unknown */
export const checkClient = (
  { directory }: PipelineDeps,
  exchange: Exchange,
): void | Promise<void> => {
  const take = (client: KnownClient | undefined): void => {
    if (client === undefined) throw new GatewayError('client_unknown')
    exchange.client = client
  }
  const client = directory.clientOf(found(exchange.signature).keyId)
  if (client instanceof Promise) return client.catch(unreadable).then(take)
  take(client)
  return undefined
}

/** Without the registry nobody can be let in; nothing else is said about the database. */
export const unreadable = (cause: unknown): never => {
  throw new GatewayError('ledger_unavailable', textsZh.registryUnreadable, { cause })
}
