import {
  derContext,
  derInteger,
  derSequence,
  derTag,
  derTime,
  derTlv,
} from '../crypto/write-der.ts'
import {
  authorityKeyIdentifierExtension,
  writeExtension,
  type ExtensionToWrite,
} from './certificate-extensions.ts'
import { keyIdentifier, signed, type Authority } from './dev-ca.ts'
import { oid } from './oid.ts'

/** CRLReason codes of RFC 5280 §5.3.1. */
export const crlReason = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const
export type CrlReasonName = keyof typeof crlReason

export type RevokedToWrite = {
  /** Serial number as unsigned big-endian octets. */
  readonly serial: Uint8Array
  readonly revokedAt: Date
  readonly reason?: CrlReasonName
}

/** Complete CRL of an authority, DER. `extensions` go beside authorityKeyIdentifier and cRLNumber. */
export const makeCrl = (order: {
  readonly issuer: Pick<Authority, 'name' | 'key'>
  readonly number: number
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly revoked: readonly RevokedToWrite[]
  readonly extensions?: readonly ExtensionToWrite[]
}): Promise<Uint8Array> => {
  const { name, key } = order.issuer
  const extensions = [
    authorityKeyIdentifierExtension(keyIdentifier(key.spki, key)),
    { id: oid.crlNumber, critical: false, value: derInteger(order.number) },
    ...(order.extensions ?? []),
  ]
  const tbs = derSequence(
    derInteger(1),
    key.signatureAlgorithm,
    name,
    derTime(order.thisUpdate),
    derTime(order.nextUpdate),
    ...(order.revoked.length === 0 ? [] : [derSequence(...order.revoked.map(writeEntry))]),
    derContext(0, derSequence(...extensions.map(writeExtension))),
  )
  return signed(tbs, key)
}

const writeEntry = (entry: RevokedToWrite): Uint8Array =>
  derSequence(
    derInteger(entry.serial),
    derTime(entry.revokedAt),
    ...(entry.reason === undefined ? [] : [derSequence(reasonExtension(entry.reason))]),
  )

const reasonExtension = (reason: CrlReasonName): Uint8Array =>
  writeExtension({
    id: oid.reasonCode,
    critical: false,
    value: derTlv(derTag.enumerated, Uint8Array.of(crlReason[reason])),
  })
