import { randomBytes } from 'node:crypto'
import { findCase } from '../cases/case-store.ts'
import { listFetchedMaterials } from '../cases/fetch-store.ts'
import type { CaseDeps } from '../cases/routes.ts'
import { grantsForVersion } from '../access/grant.ts'
import { createCatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import { agreesWithPaper } from '../licences/agrees-with-paper.ts'
import { findLicences, findReleasedLicence } from '../licences/licence-store.ts'
import { numberTailOf, type PresentDeps, presentLicence } from '../licences/present-licence.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import type { House } from './house.ts'

/** The clerk's room on the database, the directory in memory and the licence store. */
export const caseDeps = ({ store: { db }, keys, clock, directory, gateway }: House): CaseDeps => {
  const catalogue = createCatalogueDirectory(db, () => clock.now().getTime())
  const licences: PresentDeps = {
    base: gateway.publicUrl,
    keys,
    findReleased: (licenceId) => findReleasedLicence(db, licenceId),
    findCertificate: (certificateId) => findSigningCertificate(db, certificateId),
  }
  const findGrants: CaseDeps['findGrants'] = async (clientId, item) =>
    grantsForVersion(await directory.grants(clientId, item.code), item.version)
  return {
    db,
    keys,
    clock,
    randomBytes,
    ...catalogue,
    findCase: (caseId) => findCase(db, keys, caseId),
    listFetched: (caseId) => listFetchedMaterials(db, caseId),
    findGrants,
    findLicences: (queries) => findLicences(db, keys, queries),
    agreesWith: async ({ licenceId, typeCode }, paper) => {
      const { fields } = await catalogue.getType(typeCode)
      const addressKeys = fields.filter(({ type }) => type === 'address').map(({ key }) => key)
      const shown = await presentLicence(licences, licenceId, ['number', ...addressKeys])
      return agreesWithPaper(shown.fields, addressKeys, paper)
    },
    presentLicence: (licenceId, fields) => presentLicence(licences, licenceId, fields),
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
