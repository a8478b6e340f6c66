import { certificateHold } from './certificate-status.ts'
import { findCrlEntry } from './find-crl-entry.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { CrlEntry, ParsedCrl } from './parse-crl.ts'

export type Revocation = { readonly at: Date; readonly reason: number }

/** What one CRL, with or without a delta, says of a certificate. */
export type CrlStatement = {
  /** Undefined: not listed. */
  readonly revocation: Revocation | undefined
  /** False: past nextUpdate or before thisUpdate, so that silence says nothing. */
  readonly isCurrent: boolean
  readonly from: Date
  readonly until: Date
}

const removeFromCrl = 8

/** Reads base and delta together (RFC 5280 §6.3.3 (i) to (k)); both are already believed. */
export const readCrls = (
  certificate: ParsedCertificate,
  base: ParsedCrl,
  delta: ParsedCrl | undefined,
  at: Date,
): CrlStatement => {
  const newest = delta ?? base
  const until = newest.nextUpdate ?? newest.thisUpdate
  const times = { from: newest.thisUpdate, until }
  const isCurrent = newest.thisUpdate <= at && at <= until
  const listed = findCrlEntry(base, certificate)
  const changed = delta && findCrlEntry(delta, certificate)
  const isRemoved = changed?.decoded.values.reason === removeFromCrl
  const entry = isRemoved ? unlessHeld(listed) : (changed ?? listed)
  return { revocation: entry && revocationOf(entry), isCurrent, ...times }
}

/** A delta lifts a hold (§5.3.1); what is revoked for any other reason stays so. */
const unlessHeld = (entry: CrlEntry | undefined): CrlEntry | undefined =>
  entry?.decoded.values.reason === certificateHold ? undefined : entry

/** True when `delta` continues `base` (§5.2.4): same issuer, scope and key, numbers that overlap. */
export const isDeltaOf = (delta: ParsedCrl, base: ParsedCrl): boolean => {
  const from = delta.decoded.values
  const to = base.decoded.values
  return (
    from.deltaBase !== undefined &&
    from.crlNumber !== undefined &&
    to.crlNumber !== undefined &&
    to.deltaBase === undefined &&
    from.deltaBase <= to.crlNumber &&
    to.crlNumber <= from.crlNumber &&
    delta.issuer.key === base.issuer.key &&
    scopeOctets(delta) === scopeOctets(base) &&
    keyIdOctets(delta) === keyIdOctets(base)
  )
}

const revocationOf = ({ revokedAt, decoded }: CrlEntry): Revocation => ({
  at: revokedAt,
  reason: decoded.values.reason ?? 0,
})

const scopeOctets = ({ extensions }: ParsedCrl): string =>
  extensions
    .filter(({ id }) => id === oid.issuingDistributionPoint)
    .map(({ value }) => Buffer.from(value).toString('hex'))
    .join()

const keyIdOctets = ({ decoded }: ParsedCrl): string =>
  Buffer.from(decoded.values.authorityKeyIdentifier?.keyIdentifier ?? []).toString('hex')
