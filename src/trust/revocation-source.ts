import { oid } from './oid.ts'
import { parseCrl, type ParsedCrl } from './parse-crl.ts'
import { parseOcsp, type ParsedOcsp } from './parse-ocsp.ts'
import { tryParse } from './try-parse.ts'

/** CRLs by issuer, newest first, and OCSP responses. */
export type RevocationSource = {
  readonly complete: ReadonlyMap<string, readonly ParsedCrl[]>
  readonly deltas: ReadonlyMap<string, readonly ParsedCrl[]>
  readonly ocsp: readonly ParsedOcsp[]
  /** Milliseconds of the latest thisUpdate or producedAt; beyond it no statement here begins to count. */
  readonly newestMs: number
}

/** Parses CRLs and OCSP responses; what is not well-formed counts as absent. */
export const openRevocationSource = (
  crls: readonly Uint8Array[],
  ocsp: readonly Uint8Array[],
): RevocationSource => {
  const parsed = crls.map((der) => tryParse(der, parseCrl)).filter((crl) => crl !== undefined)
  const responses = ocsp.map((der) => tryParse(der, parseOcsp)).filter((each) => each !== undefined)
  const isDelta = (crl: ParsedCrl): boolean =>
    crl.extensions.some(({ id }) => id === oid.deltaCrlIndicator)
  const beginnings = [
    ...[...parsed, ...responses.flatMap(({ answers }) => answers)].map((each) => each.thisUpdate),
    ...responses.map(({ producedAt }) => producedAt),
  ]
  return {
    complete: byIssuer(parsed.filter((crl) => !isDelta(crl))),
    deltas: byIssuer(parsed.filter(isDelta)),
    ocsp: responses,
    newestMs: beginnings.reduce((newest, each) => Math.max(newest, Number(each)), 0),
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
