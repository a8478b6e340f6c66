import { listLicenceTypes } from '../catalogue/catalogue-store.ts'
import type { Caller } from '../contract/caller.ts'
import { type ClientId, asId } from '../contract/ids.ts'
import { actsForIssuer } from './acts-for-issuer.ts'
import type { AccessDb } from './client-store.ts'
import { type GrantPage, listGrants } from './grant-store.ts'
import type { Grant } from './grant.ts'
import { seesRegistry } from './registry-hands.ts'

/** The grants that a caller may see: all, one's own, or those of the types of one's department. */
export const listVisibleGrants = async (
  db: AccessDb,
  caller: Caller,
  page: { readonly after: string; readonly limit: number; readonly client: string | undefined },
): Promise<readonly Grant[]> => {
  const { limit, client } = page
  const all: GrantPage = {
    limit,
    ...(page.after === '' ? {} : { after: asId(page.after) }),
    ...(client === undefined ? {} : { clientId: asId<ClientId>(client) }),
  }
  if (seesRegistry(caller)) return listGrants(db, all)
  if (caller.roles.includes('S'))
    return listGrants(db, { ...all, typeCodes: await typesOf(db, caller) })
  if (client !== undefined && client !== caller.clientId) return []
  return listGrants(db, { ...all, clientId: caller.clientId })
}

const typesOf = async (db: AccessDb, caller: Caller): Promise<readonly string[]> => {
  const types = await listLicenceTypes(db)
  const issuers = new Set(types.map(({ issuer }) => issuer.code))
  const own = new Set<string>()
  for (const issuer of issuers)
    if (await actsForIssuer(db, caller.organisationId, issuer)) own.add(issuer)
  return types.filter(({ issuer }) => own.has(issuer.code)).map(({ typeCode }) => typeCode)
}
