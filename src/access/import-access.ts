import { findServiceItem } from '../catalogue/catalogue-store.ts'
import type { Role } from '../contract/caller.ts'
import { asId, type ClientId, type OperatorId } from '../contract/ids.ts'
import { newUuidV7, type RandomBytes } from '../contract/uuid.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Tx } from '../store/in-transaction.ts'
import type { AccessCity } from './city.ts'
import { requireSeparateDuties, requireSoundRoles } from './client.ts'
import { fieldsNeeded } from './fields-needed.ts'
import { insertClient } from './client-store.ts'
import { findActiveGrants, insertGrant } from './grant-store.ts'
import { insertOperator } from './operator-store.ts'
import { insertOrganisation } from './organisation-store.ts'

export type ImportAccessDeps = {
  readonly keys: Pick<DataKeys, 'seal'>
  readonly randomBytes: RandomBytes
  readonly now: Date
  /** Type code of a licence type's short code; undefined when the catalogue has none. */
  readonly typeCodeOf: (shortCode: string) => string | undefined
  /** Stands as proposer and approver of the grants that a city starts with. */
  readonly importedBy: ClientId
}

export type ImportedAccess = {
  readonly organisations: number
  readonly clients: number
  readonly operators: number
  readonly grants: number
}

/**
 * Enters the organisations, clients, operators and grants of a city file; what is there already stays
 * as it is. The catalogue stands already: it says which fields the grants cover. Answers how many were new. Certificates come separately (registerCertificate).
 * @throws GatewayError validation_failed for unsound roles, RangeError for an unknown type or item in a grant
 */
export const importAccess = async (
  deps: ImportAccessDeps,
  tx: Tx,
  city: AccessCity,
): Promise<ImportedAccess> => {
  requireSoundCity(city)
  return {
    organisations: await importOrganisations(deps, tx, city),
    clients: await importClients(deps, tx, city),
    operators: await importOperators(deps, tx, city),
    grants: await importGrants(deps, tx, city),
  }
}

const requireSoundCity = (city: AccessCity): void => {
  const rolesOfOrganisation = new Map(city.organisations.map(({ id, roles }) => [id, roles]))
  const rolesOfPerson = new Map<string, Role[]>()
  for (const client of city.clients) {
    const operatorId = client.operator === undefined ? undefined : asId<OperatorId>(client.operator)
    requireSoundRoles({ ...client, operatorId }, rolesOfOrganisation.get(client.organisation) ?? [])
    if (operatorId === undefined) continue
    const held = [...(rolesOfPerson.get(operatorId) ?? []), ...client.roles]
    requireSeparateDuties(held)
    rolesOfPerson.set(operatorId, held)
  }
}

const importOrganisations = async (
  { now }: ImportAccessDeps,
  tx: Tx,
  { organisations }: AccessCity,
): Promise<number> => {
  const parentOf = new Map(organisations.map(({ id, parent }) => [id, parent]))
  const depthOf = (id: string, seen = 0): number => {
    const parent = parentOf.get(id)
    if (seen > organisations.length) throw new RangeError(`organisation above itself: ${id}`)
    return parent === undefined ? 0 : 1 + depthOf(parent, seen + 1)
  }
  const parentsFirst = [...organisations].sort((a, b) => depthOf(a.id) - depthOf(b.id))
  return countNew(parentsFirst, ({ id, nameZh, uscc, parent, roles, connected }) =>
    insertOrganisation(
      tx,
      {
        organisationId: asId(id),
        nameZh,
        uscc: asId(uscc),
        parentId: parent === undefined ? undefined : asId(parent),
        roles,
        connected,
      },
      now,
    ),
  )
}

const importClients = ({ now }: ImportAccessDeps, tx: Tx, { clients }: AccessCity) =>
  countNew(clients, ({ id, kind, organisation, roles, operator }) =>
    insertClient(
      tx,
      {
        clientId: asId(id),
        kind,
        organisationId: asId(organisation),
        roles,
        operatorId: operator === undefined ? undefined : asId(operator),
      },
      now,
    ),
  )

/** Window clerks, then the people behind personal keys; one without a listed name goes by the id. */
const importOperators = ({ keys, now }: ImportAccessDeps, tx: Tx, city: AccessCity) => {
  const names = new Map(city.stewards.map(({ id, name }) => [id, name]))
  const people = city.clients.flatMap(({ id, organisation, operator }) =>
    operator === undefined
      ? []
      : [{ id: operator, client: id, organisation, name: names.get(operator) ?? operator }],
  )
  const clerks = city.operators.map(({ window, ...clerk }) => ({ ...clerk, window }))
  return countNew(
    [...clerks, ...people.map((person) => ({ ...person, window: undefined, suspended: false }))],
    (operator) =>
      insertOperator(tx, keys, {
        operatorId: asId(operator.id),
        organisationId: asId(operator.organisation),
        clientId: asId(operator.client),
        serviceWindow: operator.window,
        suspended: operator.suspended,
        name: operator.name,
        createdAt: now,
      }),
  )
}

const importGrants = (deps: ImportAccessDeps, tx: Tx, { grants }: AccessCity) =>
  countNew(
    grants.flatMap(({ types, ...grant }) => types.map((type) => ({ ...grant, type }))),
    async ({ client, item, type, legalBasis }) => {
      const typeCode = deps.typeCodeOf(type)
      if (typeCode === undefined) throw new RangeError(`unknown licence type in a grant: ${type}`)
      const known = await findActiveGrants(tx, asId(client), item)
      if (known.some((grant) => grant.typeCode === typeCode)) return false
      const served = await findServiceItem(tx, item)
      if (served === undefined) throw new RangeError(`unknown service item in a grant: ${item}`)
      await insertGrant(tx, {
        grantId: asId(newUuidV7(deps.now.getTime(), deps.randomBytes)),
        clientId: asId(client),
        typeCode: asId(typeCode),
        itemCode: asId(item),
        itemVersion: undefined,
        fields: fieldsNeeded(served, typeCode),
        legalBasis,
        status: 'active',
        proposedBy: deps.importedBy,
        approvedBy: deps.importedBy,
        revokedBy: undefined,
        createdAt: deps.now,
        decidedAt: deps.now,
      })
      return true
    },
  )

const countNew = async <Entry>(
  entries: readonly Entry[],
  insert: (entry: Entry) => Promise<boolean>,
): Promise<number> => {
  let count = 0
  for (const entry of entries) if (await insert(entry)) count++
  return count
}
