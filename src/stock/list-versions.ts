import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { cityTimeOf, type Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type LicenceId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import { contentOf } from '../licences/licence-content.ts'
import { seriesText } from '../licences/licence-index.ts'
import { licenceState } from '../licences/licence-state.ts'
import { findReleasedLicence, findVersions } from '../licences/licence-store.ts'
import { type Licence, licenceStatuses, storedStatuses } from '../licences/licence.ts'
import { openSecretPart } from '../licences/secret-part.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { StockDb } from './batch-store.ts'
import { actsFor, type FindDepartment } from './get-own-batch.ts'

export const versionsData = z.object({
  versions: z.array(
    z.object({
      licenceId: z.uuid(),
      version: z.string(),
      status: z.enum(storedStatuses),
      /** The status on the city's day, with what follows from the dates. */
      state: z.enum(licenceStatuses),
      statusAsOf: z.string(),
      statusSource: z.string(),
      issuedAt: z.string(),
      validFrom: z.string(),
      validTo: z.string().nullable(),
      successorId: z.uuid().nullable(),
    }),
  ),
})

export type VersionsDeps = {
  readonly findDepartment: FindDepartment
  readonly keys: Pick<DataKeys, 'open' | 'indexAll'>
  readonly clock: Clock
}

/**
 * All released versions of a licence, oldest first, without content: for its department and auditors.
 * @throws GatewayError licence_not_found
 */
export const listVersions = async (
  deps: VersionsDeps,
  db: StockDb,
  caller: Caller,
  licenceId: string,
): Promise<Answer> => {
  const stored = isUuid(licenceId)
    ? await findReleasedLicence(db, asId<LicenceId>(licenceId))
    : undefined
  const department = stored && (await deps.findDepartment(stored.claims.issuerCode))
  const isOwn = department !== undefined && actsFor(caller, department)
  if (stored === undefined || !(isOwn || caller.roles.includes('A'))) {
    throw new GatewayError('licence_not_found')
  }
  const row = { licenceId, version: stored.claims.version, certificateId: stored.certificateId }
  const { identifier } = contentOf(openSecretPart(deps.keys, row, stored).disclosures)
  const series = deps.keys.indexAll('identifier', seriesText(identifier))
  const versions = await findVersions(
    db,
    series.map(({ index }) => index),
  )
  const cityDate = deps.clock.cityDate()
  return {
    status: 200,
    data: { versions: versions.map((licence) => versionView(licence, cityDate)) },
    deed: {
      action: 'licence.versions',
      decision: 'allowed',
      licences: versions.map(({ licenceId: id, version, status, statusAsOf, statusSource }) => ({
        licenceId: id,
        version,
        fields: [],
        status,
        statusAsOf: cityTimeOf(statusAsOf),
        statusSource,
      })),
    },
  }
}

const versionView = (licence: Licence, cityDate: string) => ({
  licenceId: licence.licenceId,
  version: licence.version,
  status: licence.status,
  state: licenceState(licence, cityDate),
  statusAsOf: cityTimeOf(licence.statusAsOf),
  statusSource: licence.statusSource,
  issuedAt: licence.issuedAt,
  validFrom: licence.validFrom,
  validTo: licence.validTo,
  successorId: licence.successorId,
})
