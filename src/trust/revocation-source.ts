import { DerError } from '../crypto/read-der.ts'
import { oid } from './oid.ts'
import { parseCrl, type ParsedCrl } from './parse-crl.ts'

/** CRLs by issuer, newest first. */
export type RevocationSource = {
  readonly complete: ReadonlyMap<string, readonly ParsedCrl[]>
  readonly deltas: ReadonlyMap<string, readonly ParsedCrl[]>
}

/** Parses CRLs; what is not well-formed counts as absent. */
export const openRevocationSource = (crls: readonly Uint8Array[]): RevocationSource => {
  const parsed = crls.map(tryParseCrl).filter((crl) => crl !== undefined)
  const isDelta = (crl: ParsedCrl): boolean =>
    crl.extensions.some(({ id }) => id === oid.deltaCrlIndicator)
  return {
    complete: byIssuer(parsed.filter((crl) => !isDelta(crl))),
    deltas: byIssuer(parsed.filter(isDelta)),
  }
}

const tryParseCrl = (der: Uint8Array): ParsedCrl | undefined => {
  try {
    return parseCrl(der)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

const byIssuer = (crls: readonly ParsedCrl[]): ReadonlyMap<string, readonly ParsedCrl[]> => {
  const newestFirst = [...crls].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())
  const found = new Map<string, ParsedCrl[]>()
  for (const crl of newestFirst) {
    const same = found.get(crl.issuer.key)
    if (same === undefined) found.set(crl.issuer.key, [crl])
    else if (same.every(({ id }) => id !== crl.id)) same.push(crl)
  }
  return found
}
