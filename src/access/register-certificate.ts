import { GatewayError } from '../contract/error.ts'
import type { CertificateId, ClientId } from '../contract/ids.ts'
import type { Tx } from '../store/in-transaction.ts'
import { type ParsedClientCertificate, parseClientCertificate } from './client-certificate.ts'
import { findKnownClient, insertCertificate } from './client-store.ts'

/**
 * Makes a certificate, which the caller has judged, a key of the client. The same one again is fine.
 * @throws DerError, or GatewayError version_conflict when it is another client's already
 */
export const registerCertificate = async (
  tx: Tx,
  certificate: {
    readonly clientId: ClientId
    readonly der: Uint8Array
    readonly now: Date
    readonly renewedWith?: CertificateId | undefined
  },
): Promise<ParsedClientCertificate> => {
  const parsed = parseClientCertificate(certificate.der)
  const isNew = await insertCertificate(
    tx,
    { ...parsed, clientId: certificate.clientId, renewedWith: certificate.renewedWith },
    certificate.now,
  )
  if (isNew) return parsed
  const known = await findKnownClient(tx, parsed.certificateId)
  if (known?.clientId !== certificate.clientId)
    throw new GatewayError('version_conflict', '此证书已登记在另一客户端名下')
  return parsed
}
