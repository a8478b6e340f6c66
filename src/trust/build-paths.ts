import type { CertificateSource } from './certificate-source.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { FindingCode } from './path-finding.ts'
import type { Budget } from './search-budget.ts'
import type { SignatureDesk } from './signature-desk.ts'

/** A certificate path, leaf first, anchor last; every signature on it is right. */
export type CertificatePath = readonly ParsedCertificate[]

export type SearchEvent =
  | { readonly kind: 'path'; readonly path: CertificatePath }
  /** An issuer of the right name and key id whose key did not sign. */
  | { readonly kind: 'deadEnd'; readonly code: FindingCode; readonly position: number }

export type Search = {
  readonly sources: readonly CertificateSource[]
  readonly at: Date
  readonly desk: SignatureDesk
  readonly budget: Budget
}

/**
 * Walks from a certificate up to the anchors, depth first, likely issuers first; a name and key pair
 * stands once on a path (RFC 4158 §5.2). @throws BudgetExceeded
 */
export const buildPaths = (
  target: ParsedCertificate,
  search: Search,
): Generator<SearchEvent, void, undefined> => {
  const reaches = namesBelowAnchors(target, search)
  return extend([target], search, reaches)
}

type Candidate = { readonly certificate: ParsedCertificate; readonly isAnchor: boolean }

function* extend(
  path: CertificatePath,
  search: Search,
  reaches: ReadonlySet<string>,
): Generator<SearchEvent, void, undefined> {
  const child = path.at(-1)
  if (child === undefined) return
  for (const { certificate, isAnchor } of candidates(child, search)) {
    search.budget.spend('steps', path.length)
    if (!isAnchor && (!reaches.has(certificate.issuer.key) || isOnPath(certificate, path))) continue
    const signature = search.desk(child, certificate.publicKey)
    if (signature === 'right') {
      const longer = [...path, certificate]
      if (isAnchor) yield { kind: 'path', path: longer }
      else yield* extend(longer, search, reaches)
    } else if (keyIdDistance(child, certificate) < 2) {
      const code = signature === 'wrong' ? 'signature_invalid' : 'unsupported_algorithm'
      yield { kind: 'deadEnd', code, position: path.length - 1 }
    }
  }
}

const isOnPath = (certificate: ParsedCertificate, path: CertificatePath): boolean =>
  path.some(
    (each) =>
      each.subject.key === certificate.subject.key &&
      Buffer.compare(each.publicKey.encoding, certificate.publicKey.encoding) === 0,
  )

/** All certificates that bear the issuer's name, the most promising first. */
const candidates = (child: ParsedCertificate, search: Search): readonly Candidate[] => {
  const name = child.issuer.key
  const found = search.sources.flatMap(({ anchors, pool }): readonly Candidate[] => [
    ...(anchors.get(name) ?? []).map((certificate) => ({ certificate, isAnchor: true })),
    ...(pool.get(name) ?? []).map((certificate) => ({ certificate, isAnchor: false })),
  ])
  if (found.length < 2) return found
  const score = ({ certificate, isAnchor }: Candidate): number =>
    keyIdDistance(child, certificate) * 4 +
    (isAnchor ? 0 : 2) +
    (certificate.notBefore <= search.at && search.at <= certificate.notAfter ? 0 : 1)
  return found
    .map((candidate) => ({ candidate, score: score(candidate) }))
    .sort((a, b) => a.score - b.score)
    .map(({ candidate }) => candidate)
}

/** 0: key identifiers agree, 1: one is missing, 2: they differ (a hint, never a proof). */
const keyIdDistance = (child: ParsedCertificate, issuer: ParsedCertificate): 0 | 1 | 2 => {
  const wanted = child.decoded.values.authorityKeyIdentifier?.keyIdentifier
  const offered = issuer.decoded.values.subjectKeyIdentifier
  if (wanted === undefined || offered === undefined) return 1
  return Buffer.compare(wanted, offered) === 0 ? 0 : 2
}

/** Names from which an anchor can be reached by names alone: cuts off graphs that lead nowhere. */
const namesBelowAnchors = (target: ParsedCertificate, search: Search): ReadonlySet<string> => {
  const above = certificatesAbove(target, search)
  const reached = new Set<string>()
  for (const { anchors } of search.sources) for (const name of anchors.keys()) reached.add(name)
  for (let grew = true; grew;) {
    grew = false
    for (const certificate of above) {
      if (!reached.has(certificate.issuer.key) || reached.has(certificate.subject.key)) continue
      reached.add(certificate.subject.key)
      grew = true
    }
  }
  return reached
}

const certificatesAbove = (
  target: ParsedCertificate,
  search: Search,
): readonly ParsedCertificate[] => {
  const names = new Set([target.issuer.key])
  const above: ParsedCertificate[] = []
  for (const name of names) {
    for (const { pool } of search.sources) {
      for (const certificate of pool.get(name) ?? []) {
        search.budget.spend('steps', 1)
        above.push(certificate)
        // A Set is iterated over what is added meanwhile.
        names.add(certificate.issuer.key)
      }
    }
  }
  return above
}
