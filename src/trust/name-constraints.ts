import { derOid } from '../crypto/write-der.ts'
import type { Subtree } from './decode-certificate-extensions.ts'
import { matchSubtree } from './match-subtree.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { GeneralName } from './parse-general-name.ts'
import { attributeTexts } from './parse-name.ts'
import type { FindingCode } from './path-finding.ts'
import type { Budget } from './search-budget.ts'

/** State of RFC 5280 §6.1.2 (b), (c): every group of permitted subtrees must admit a name. */
export type NameSpace = {
  readonly permitted: readonly (readonly Subtree[])[]
  readonly excluded: readonly Subtree[]
}

export const unlimitedNames: NameSpace = { permitted: [], excluded: [] }

/** §6.1.4 (g): intersects the permitted and unites the excluded subtrees. */
export const narrowNames = (space: NameSpace, certificate: ParsedCertificate): NameSpace => {
  const constraints = certificate.decoded.values.nameConstraints
  if (constraints === undefined) return space
  const { permitted, excluded } = constraints
  return {
    permitted: permitted === undefined ? space.permitted : [...space.permitted, permitted],
    excluded: [...space.excluded, ...(excluded ?? [])],
  }
}

/** §6.1.3 (b), (c): judges all names of a certificate; the finding of the first that does not fit. */
export const judgeNames = (
  certificate: ParsedCertificate,
  space: NameSpace,
  budget: Budget,
): FindingCode | undefined => {
  if (space.permitted.length === 0 && space.excluded.length === 0) return undefined
  const names = constrainedNames(certificate)
  if (names.some(isInternationalMailbox) && limitsMailboxes(space)) {
    return 'name_constraint_unsupported'
  }
  for (const name of names) {
    const finding = judgeName(name, space, budget)
    if (finding !== undefined) return finding
  }
  return undefined
}

/** The subject, the alternative names, and addresses in the subject where no alternative one stands. */
const constrainedNames = (certificate: ParsedCertificate): readonly GeneralName[] => {
  const { subject, decoded } = certificate
  const alternatives = decoded.values.subjectAltName ?? []
  const hasAddress = alternatives.some(({ kind }) => kind === 'email')
  const addresses = hasAddress ? [] : attributeTexts(subject, oid.emailAddress)
  return [
    ...(subject.rdns.length > 0 ? [{ kind: 'directory', name: subject } as const] : []),
    ...alternatives,
    ...addresses.map((text) => ({ kind: 'email', text }) as const),
  ]
}

/** RFC 9598 §6: mail constraints hold for SmtpUTF8Mailbox, too; nothing here can compare the two. */
const isInternationalMailbox = (name: GeneralName): boolean =>
  name.kind === 'other' && Buffer.from(name.octets).includes(smtpUtf8Mailbox)

const smtpUtf8Mailbox = Buffer.from(derOid('1.3.6.1.5.5.7.8.9'))

const limitsMailboxes = ({ permitted, excluded }: NameSpace): boolean =>
  [...permitted.flat(), ...excluded].some(({ base }) => base.kind === 'email')

const judgeName = (
  name: GeneralName,
  space: NameSpace,
  budget: Budget,
): FindingCode | undefined => {
  for (const group of space.permitted) {
    budget.spend('nameComparisons', group.length)
    const ofKind = group.filter(({ base }) => base.kind === name.kind)
    if (ofKind.length === 0) continue
    const results = ofKind.map(({ base }) => matchSubtree(name, base, 'wholly'))
    if (results.includes('unsupported')) return 'name_constraint_unsupported'
    if (!results.includes('inside')) return 'name_not_permitted'
  }
  budget.spend('nameComparisons', space.excluded.length)
  for (const { base } of space.excluded) {
    if (base.kind !== name.kind) continue
    const result = matchSubtree(name, base, 'partly')
    if (result === 'unsupported') return 'name_constraint_unsupported'
    if (result === 'inside') return 'name_excluded'
  }
  return undefined
}
