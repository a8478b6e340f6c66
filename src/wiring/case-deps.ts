import { type CaseLook, findCases } from '../cases/case-store.ts'
import { findFetch, listFetchedMaterials, replaceFetch } from '../cases/fetch-store.ts'
import type { HallDesk } from '../cases/hall-desk.ts'
import type { CaseDeps } from '../cases/routes.ts'
import { grantsForVersion } from '../access/grant.ts'
import {
  type CatalogueDirectory,
  createCatalogueDirectory,
} from '../catalogue/catalogue-directory.ts'
import { agreesWithPaper } from '../licences/agrees-with-paper.ts'
import {
  findLicences,
  findLicencesToOpen,
  findReleasedLicences,
  type LicenceQuery,
} from '../licences/licence-store.ts'
import { numberTailOf, type PresentDeps, presentLicence } from '../licences/present-licence.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { gatherReads } from '../store/gather-reads.ts'
import { rememberFound } from '../store/remember-found.ts'
import { peopleOfMode } from './environment-of-mode.ts'
import type { House } from './house.ts'
import { readMagicHolds } from './magic-holds.ts'

/** The clerk's room on the database, the directory in memory and the licence store. */
export const caseDeps = (house: House, halls: HallDesk | undefined): CaseDeps => {
  const { store, keys, randomBytes, clock, directory, gateway } = house
  const { db } = store
  const catalogue = createCatalogueDirectory(db, () => clock.now().getTime())
  const licences: PresentDeps = {
    base: gateway.publicUrl,
    keys,
    findReleased: gatherReads((licenceIds) => findReleasedLicences(db, licenceIds)),
    findCertificate: rememberFound((certificateId) => findSigningCertificate(db, certificateId)),
  }
  const findGrants: CaseDeps['findGrants'] = async (clientId, item) =>
    grantsForVersion(await directory.grants(clientId, item.code), item.version)
  return {
    keys,
    clock,
    randomBytes,
    digestName: house.algorithms.digestName,
    ...catalogue,
    ...(halls === undefined ? {} : { halls }),
    people: peopleOfMode(gateway.mode),
    ...holdsOf(house, catalogue),
    findCase: findCaseIn(house),
    findFetch: (fetchId, { caseId, clientId }) =>
      findFetch(db, keys, { fetchId, caseId, clientId }),
    replaceFetch: (fetchId, { caseId, clientId }, change) =>
      replaceFetch(store, keys, { fetchId, caseId, clientId, ...change }),
    listFetched: (caseId) => listFetchedMaterials(db, caseId),
    findGrants,
    findLicences: findInStock(house),
    agreesWith: async ({ licenceId, typeCode }, paper) => {
      const { fields } = await catalogue.getType(typeCode)
      const addressKeys = fields.filter(({ type }) => type === 'address').map(({ key }) => key)
      const shown = await presentLicence(licences, licenceId, ['number', ...addressKeys])
      return agreesWithPaper(shown.fields, addressKeys, paper)
    },
    presentLicence: (licenceId, fields, stored) =>
      presentLicence(licences, licenceId, fields, stored),
    numberTailOf: (licenceId) => numberTailOf(licences, licenceId),
    findOperatorClient: async (operatorId) => {
      const operator = await directory.operator(operatorId)
      return operator?.clientId === undefined
        ? undefined
        : { clientId: operator.clientId, suspended: operator.suspended }
    },
    grantedTypes: async (clientId, item) =>
      (await findGrants(clientId, item)).map(({ typeCode }) => typeCode),
  }
}

const findCaseIn = ({ store, keys }: Pick<House, 'store' | 'keys'>): CaseDeps['findCase'] => {
  const find = gatherReads((looks: readonly CaseLook[]) => findCases(store.db, keys, looks))
  return (caseId, clientId) => find({ caseId, clientId })
}

/** One read for all that look at the stock at once, and one for all that look and will open. */
const findInStock = ({ store, keys }: Pick<House, 'store' | 'keys'>): CaseDeps['findLicences'] => {
  const find = gatherReads((queries: readonly LicenceQuery[]) =>
    findLicences(store.db, keys, queries),
  )
  const findToOpen = gatherReads((queries: readonly LicenceQuery[]) =>
    findLicencesToOpen(store.db, keys, queries),
  )
  return (queries, { toOpen = false } = {}) => Promise.all(queries.map(toOpen ? findToOpen : find))
}

/** Only a sandbox knows of sealed and disputed papers, from its subjects' file. */
const holdsOf = (
  { gateway, magicSubjectsFile }: Pick<House, 'gateway' | 'magicSubjectsFile'>,
  { getType }: CatalogueDirectory,
): Pick<CaseDeps, 'findHold'> => {
  if (gateway.mode !== 'sandbox' || magicSubjectsFile === undefined) return {}
  const magic = readMagicHolds(magicSubjectsFile, getType)
  return { findHold: async (holder, typeCode) => (await magic)(holder, typeCode) }
}
