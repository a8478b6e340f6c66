import { GatewayError } from '../../contract/error.ts'
import {
  requestSignatureBase,
  requireExactCover,
} from '../../crypto/message-signature/request-signature.ts'
import { verifySignatureAside } from '../../crypto/verify-signature.ts'
import { type Exchange, found } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline-deps.ts'
import { textsZh } from '../texts-zh.ts'
import { operatorHeader } from '../operator-header.ts'
import { readable } from './check-signature-form.ts'

const joseNames = { 'ecdsa-p256-sha256': 'ES256', 'sm2-sm3': 'SM2-SM3' } as const

/**
 * Checks that the certificate's key signed exactly this request; from here on it is the client's own.
 * @throws GatewayError signature_invalid
 */
export const checkSignature = async (
  { keys, verifiers }: PipelineDeps,
  exchange: Exchange,
): Promise<void> => {
  const { covered, algorithm, signature } = found(exchange.signature)
  const client = found(exchange.client)
  const base = readable(() => {
    requireExactCover(exchange.signable, covered)
    return requestSignatureBase(exchange.signable, covered)
  })
  const claim = {
    alg: joseNames[algorithm],
    spki: client.spki,
    bytes: Buffer.from(base),
    signature,
  }
  if (!(await verifySignatureAside(claim, { keys, verifiers })))
    throw new GatewayError('signature_invalid', textsZh.signatureWrong)
  exchange.signatureBase = base
  exchange.caller = {
    clientId: client.clientId,
    kind: client.kind,
    organisationId: client.organisationId,
    roles: client.roles,
    certificateId: client.certificateId,
    ...claimedOperator(exchange),
  }
}

/** Whom the events of refusals name; checkOperator judges the claim. */
const claimedOperator = ({ client, raw }: Exchange) =>
  found(client).kind === 'person'
    ? { operatorId: found(client).operatorId, operatorAsserted: false }
    : { operatorId: operatorHeader(raw), operatorAsserted: true }
