import type { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { DisclosedLicence, Json, Repeated } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type FetchId, asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import type { CaseFile } from './case-file.ts'
import { fetchRecord } from './case-schemas.ts'
import { deedOfCase } from './check-materials.ts'
import { type FetchMaterialsDeps, requireAssurance } from './fetch-materials.ts'
import { getUsableCase } from './get-usable-case.ts'

export type RepeatFetchDeps = FetchMaterialsDeps & {
  /** The record of a fetch of this case by its own system. */
  readonly findFetch: (fetchId: FetchId, file: CaseFile) => Promise<Json | undefined>
}

/**
 * What an earlier fetch answered, byte for byte, but only while case, grant and licence still allow it;
 * the deed names what it discloses.
 * @throws GatewayError case_not_found, case_closed, fetch_not_found, assurance_too_low,
 *   precondition_failed
 */
export const repeatFetch = async (
  deps: RepeatFetchDeps,
  caller: Caller,
  { caseId, fetchId }: { readonly caseId: string; readonly fetchId: string },
): Promise<Repeated> => {
  const file = await getUsableCase(deps, caller, caseId)
  const found = isUuid(fetchId) ? await deps.findFetch(asId(fetchId), file) : undefined
  if (found === undefined) throw new GatewayError('fetch_not_found')
  const record = fetchRecord.parse(found)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const shown = shownIn(record)
  const codes = shown.map(({ code }) => code)
  const assessed = await assessMaterials(deps, { file, item }, { codes })
  await requireAssurance(deps, file.assurance, assessed)
  if (!shown.every((one) => assessed.some((entry) => maySee(entry, one)))) {
    throw new GatewayError(
      'precondition_failed',
      '授权或证照状态已变,此前取得的内容不能再给出,请重新调取',
    )
  }
  return {
    data: await restoreFetch(deps, record),
    deed: {
      ...deedOfCase(file, item),
      action: 'case.fetch_again',
      decision: 'allowed',
      licences: shown.map(({ disclosed }) => disclosed),
      detail: { fetchId: record.fetchId },
    },
  }
}

type FetchRecord = z.output<typeof fetchRecord>

/** Puts the credentials back in: a licence's signed bytes never change once they are released. */
const restoreFetch = async (
  { presentLicence }: FetchMaterialsDeps,
  record: FetchRecord,
): Promise<Json> => ({
  ...record,
  materials: await Promise.all(
    record.materials.map(async ({ licence, ...line }): Promise<Json> => {
      if (licence === undefined) return line
      if (licence.sdJwt !== undefined) return { ...line, licence }
      const { sdJwt, fields } = await presentLicence(asId(licence.licenceId), licence.fields)
      return { ...line, licence: { ...licence, sdJwt, fields } }
    }),
  ),
})

type Shown = { readonly code: string; readonly disclosed: DisclosedLicence }

const maySee = (
  { material, judgement, disclosable }: AssessedMaterial,
  { code, disclosed: { licenceId, fields } }: Shown,
): boolean =>
  material.code === code &&
  (judgement.state === 'available' || judgement.state === 'ambiguous') &&
  judgement.licences.some((licence) => licence.licenceId === licenceId) &&
  fields.every((field) => disclosable.includes(field))

const shownIn = ({ materials }: FetchRecord): readonly Shown[] =>
  materials.flatMap(({ code, licence }) =>
    licence === undefined
      ? []
      : [
          {
            code,
            disclosed: {
              licenceId: licence.licenceId,
              version: licence.version,
              fields: licence.sdJwt === undefined ? licence.fields : Object.keys(licence.fields),
              status: licence.status,
              statusAsOf: licence.statusAsOf,
              statusSource: licence.statusSource,
            },
          },
        ],
  )
