import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'

/** Screens repeats in this process; the ledger's row decides for all of them. @throws GatewayError nonce_replayed */
export const checkNonce = ({ nonces }: PipelineDeps, exchange: Exchange): void => {
  const { clientId } = found(exchange.client)
  if (!nonces.admit(clientId, found(exchange.signature).nonce, exchange.now.getTime()))
    throw new GatewayError('nonce_replayed')
}
