import type { output } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type ClientId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { findClient, revokeCertificates, setClientSuspended } from './client-store.ts'
import type { revokeBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { isRegistryHand } from './registry-hands.ts'

/**
 * Revokes one certificate, or all and with them the client. One hand is enough, the client's own too:
 * stopping is the safe side. It holds on every node within a second.
 * @throws GatewayError client_not_found, also outside one's scope and for a certificate that is not good
 */
export const revokeClient = async (
  { clock }: Pick<OnboardingDeps, 'clock'>,
  tx: Tx,
  caller: Caller,
  { clientId, body }: { readonly clientId: ClientId; readonly body: output<typeof revokeBody> },
): Promise<Answer> => {
  const maySee = caller.clientId === clientId || isRegistryHand(caller)
  const client = maySee ? await findClient(tx, clientId) : undefined
  if (client === undefined) throw new GatewayError('client_not_found')
  const now = clock.now()
  const { certificateId, reason } = body
  const which = certificateId === undefined ? {} : { certificateId: asId<never>(certificateId) }
  const revoked = await revokeCertificates(tx, { clientId, ...which }, { at: now, reason })
  if (certificateId !== undefined && revoked.length === 0)
    throw new GatewayError('client_not_found', '没有这份有效的客户端证书')
  if (certificateId === undefined) await setClientSuspended(tx, clientId, now)
  const suspended = certificateId === undefined || client.suspended
  return {
    status: 200,
    data: { clientId, revoked, suspended },
    deed: {
      action: 'client.revoke',
      decision: 'allowed',
      detail: { clientId, revoked, suspended, reason },
    },
  }
}
