import type { OrganisationId } from '../contract/ids.ts'
import type { AccessDb } from './client-store.ts'
import { findOrganisation, findOrganisationByUscc } from './organisation-store.ts'

const levelsMax = 8

/** True for the organisation that issues under this credit code, and for those above it. */
export const actsForIssuer = async (
  db: AccessDb,
  organisationId: OrganisationId,
  issuerCode: string,
): Promise<boolean> => {
  let current = await findOrganisationByUscc(db, issuerCode)
  for (let level = 0; current !== undefined && level < levelsMax; level++) {
    if (current.organisationId === organisationId) return true
    current =
      current.parentId === undefined ? undefined : await findOrganisation(db, current.parentId)
  }
  return false
}
