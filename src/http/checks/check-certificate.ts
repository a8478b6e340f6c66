import { GatewayError } from '../../contract/error.ts'
import { type Exchange, found } from '../exchange.ts'
import { textsZh } from '../texts-zh.ts'

/** @throws GatewayError certificate_expired, certificate_revoked */
export const checkCertificate = (_deps: unknown, exchange: Exchange): void => {
  const { now } = exchange
  const client = found(exchange.client)
  if (now < client.notBefore)
    throw new GatewayError('certificate_expired', textsZh.certificateNotYet)
  if (now >= client.notAfter)
    throw new GatewayError('certificate_expired', textsZh.certificateEnded)
  if (client.certificateRevoked)
    throw new GatewayError('certificate_revoked', textsZh.certificateRevoked)
  if (client.suspended) throw new GatewayError('certificate_revoked', textsZh.clientSuspended)
}
