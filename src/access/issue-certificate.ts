import type { Caller } from '../contract/caller.ts'
import { cityTimeOf } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { ClientId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { readSigningRequest } from '../trust/signing-request.ts'
import { toPem } from '../trust/pem.ts'
import {
  type CertificateRequest,
  lockCertificateRequest,
  saveIssue,
} from './certificate-request-store.ts'
import { findClient } from './client-store.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { findOrganisation } from './organisation-store.ts'
import { registerCertificate } from './register-certificate.ts'
import { requireSecondPerson } from './registry-hands.ts'

/**
 * Lets a requested certificate be issued: the second person's act.
 * @throws GatewayError client_not_found for an unknown request, version_conflict for one that is done,
 *   precondition_failed for the person who requested it, or where no certificates are issued
 */
export const issueCertificate = async (
  deps: OnboardingDeps,
  tx: Tx,
  caller: Caller,
  { clientId, requestId }: { readonly clientId: ClientId; readonly requestId: string },
): Promise<Answer> => {
  const request = isUuid(requestId) ? await lockCertificateRequest(tx, requestId) : undefined
  if (request?.clientId !== clientId) throw new GatewayError('client_not_found')
  if (request.certificateId !== undefined)
    throw new GatewayError('version_conflict', '此证书申请已办结')
  const requester = await findClient(tx, request.requestedBy)
  requireSecondPerson(caller, {
    clientId: request.requestedBy,
    operatorId: requester?.operatorId,
  })
  return issueRequested(deps, tx, { caller, request, action: 'client.certificate.issue' })
}

/** Issues and registers what a locked or new request asks for. */
export const issueRequested = async (
  deps: OnboardingDeps,
  tx: Tx,
  act: {
    readonly caller: Caller
    readonly request: CertificateRequest
    readonly action: 'client.certificate.issue' | 'client.certificate.renew'
  },
): Promise<Answer> => {
  const { caller, request, action } = act
  const { requestId, clientId } = request
  const chain = await issueChain(deps, tx, request)
  const [der] = chain
  if (der === undefined) throw new Error('the authority answered no certificate')
  const now = deps.clock.now()
  const renewedWith = action === 'client.certificate.renew' ? caller.certificateId : undefined
  const fresh = { clientId, der, now, renewedWith }
  const { certificateId, notAfter } = await registerCertificate(tx, fresh)
  const issuedBy = caller.clientId
  await saveIssue(tx, { requestId, certificateId, issuedBy, issuedAt: now })
  return {
    status: 201,
    data: {
      requestId,
      clientId,
      state: 'issued',
      certificateId,
      chain: chain.map((each) => toPem('CERTIFICATE', each)).join(''),
      notAfter: cityTimeOf(notAfter),
    },
    deed: { action, decision: 'allowed', detail: { requestId, clientId, certificateId } },
  }
}

const issueChain = async (
  { authority, keyRules }: OnboardingDeps,
  tx: Tx,
  request: CertificateRequest,
): Promise<readonly Uint8Array[]> => {
  if (authority === undefined)
    throw new GatewayError('precondition_failed', '本网关不签发证书,请向所用的证书机构申请')
  const client = await findClient(tx, request.clientId)
  if (client === undefined) throw new GatewayError('client_not_found')
  const organisation = await findOrganisation(tx, client.organisationId)
  const { chain } = await authority.issue({
    clientId: client.clientId,
    organisationNameZh: organisation?.nameZh ?? '',
    spki: readSigningRequest(request.csr, keyRules.verifies).spki,
    validForDays: request.validForDays,
  })
  return chain
}
