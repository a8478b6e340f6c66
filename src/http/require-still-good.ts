import { GatewayError } from '../contract/error.ts'
import { checkCertificate } from './checks/check-certificate.ts'
import { unreadable } from './checks/check-client.ts'
import { checkOperator } from './checks/check-operator.ts'
import { type Exchange, found } from './exchange.ts'
import type { PipelineDeps } from './pipeline-deps.ts'

/** A request that took less is within the second in which a revocation has to hold. */
const quickMs = 500

/**
 * Looks at client and operator once more before a slow request commits or is answered: one that was
 * revoked while its body trickled in, or while it waited for a hall, changes nothing and is told nothing.
 * @throws GatewayError client_unknown, certificate_revoked, operator_unknown, operator_suspended, ledger_unavailable
 */
export const requireStillGood = async (
  deps: Pick<PipelineDeps, 'clock' | 'directory'>,
  exchange: Exchange,
): Promise<void> => {
  const { clock, directory } = deps
  const tookMs = clock.now().getTime() - exchange.now.getTime()
  if (tookMs >= 0 && tookMs < quickMs) return
  const known = directory.clientOf(found(exchange.signature).keyId)
  const client = await (known instanceof Promise ? known.catch(unreadable) : known)
  if (client === undefined) throw new GatewayError('client_unknown')
  exchange.client = client
  checkCertificate(undefined, exchange)
  await checkOperator(deps, exchange)
}
