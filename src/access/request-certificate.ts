import type { output } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type ClientId } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { insertCertificateRequest } from './certificate-request-store.ts'
import { findClient } from './client-store.ts'
import { issueRequested } from './issue-certificate.ts'
import type { certificateBody } from './onboarding-bodies.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { isRegistryHand } from './registry-hands.ts'
import { readCsr } from './read-csr.ts'

/**
 * Takes a request for a certificate. A client renews its own at once, with the key that it has; for
 * anybody else's the second person has to let it be issued.
 * @throws GatewayError client_not_found (also outside one's scope), validation_failed,
 *   precondition_failed where no certificates are issued
 */
export const requestCertificate = async (
  deps: OnboardingDeps,
  tx: Tx,
  caller: Caller,
  {
    clientId,
    body,
  }: { readonly clientId: ClientId; readonly body: output<typeof certificateBody> },
): Promise<Answer> => {
  const isOwn = caller.clientId === clientId
  const client = isOwn || isRegistryHand(caller) ? await findClient(tx, clientId) : undefined
  if (client === undefined) throw new GatewayError('client_not_found')
  const { der } = readCsr(body.csr, deps.keyRules)
  const now = deps.clock.now()
  const request = {
    requestId: newUuidV7(now.getTime(), deps.randomBytes),
    clientId: client.clientId,
    csr: der,
    validForDays: body.validForDays,
    requestedBy: caller.clientId,
    certificateId: undefined,
  }
  await insertCertificateRequest(tx, request, now)
  if (isOwn)
    return issueRequested(deps, tx, { caller, request, action: 'client.certificate.renew' })
  const { requestId } = request
  return {
    status: 202,
    data: {
      requestId,
      clientId: asId<ClientId>(clientId),
      state: 'requested',
      certificateId: null,
      chain: null,
      notAfter: null,
    },
    deed: {
      action: 'client.certificate.request',
      decision: 'allowed',
      detail: { requestId, clientId },
    },
  }
}
