import type { CasePeople, Subject } from './case-file.ts'

export type MaterialOwners = {
  readonly owners: readonly Subject[]
  readonly ownerKnown: boolean
  /** All owners count as the applicant, or their role's consent is in the case. */
  readonly mayBeSeen: boolean
}

/**
 * Whose paper a material is. The legal representative counts as the applicant, and so does whoever holds
 * the applicant's own code; anybody else is a third party whose consent the case must hold.
 */
export const ownersOf = (role: string, people: CasePeople): MaterialOwners => {
  const owners =
    role === 'applicant'
      ? [people.subject]
      : people.relatedSubjects
          .filter((related) => related.role === role)
          .map(({ idType, id, name }) => ({ idType, id, name }))
  const consented = people.consents.some((consent) => consent.role === role)
  return {
    owners,
    ownerKnown: owners.length > 0,
    mayBeSeen: consented || owners.every((owner) => countsAsApplicant(owner, people)),
  }
}

const countsAsApplicant = (owner: Subject, { subject, relatedSubjects }: CasePeople): boolean =>
  isSame(owner, subject) ||
  relatedSubjects.some(
    (related) => related.role === 'legal_representative' && isSame(owner, related),
  )

const isSame = (one: Subject, other: Subject): boolean =>
  one.idType === other.idType && one.id === other.id
