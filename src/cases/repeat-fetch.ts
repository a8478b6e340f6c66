import type { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Companion, DisclosedLicence, Json, Repeated } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type FetchId, asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import type { CaseFile, CaseWithItem } from './case-file.ts'
import { fetchRecord } from './case-schemas.ts'
import { deedOfCase } from './check-materials.ts'
import { completeFetch, settledLines } from './complete-fetch.ts'
import { type FetchMaterialsDeps, requireAssurance } from './fetch-materials.ts'
import { type FetchedMaterial, fetchedMaterialRows } from './fetch-store.ts'
import { getUsableCase } from './get-usable-case.ts'

export type RepeatFetchDeps = FetchMaterialsDeps & {
  /** The record of a fetch of this case by its own system. */
  readonly findFetch: (fetchId: FetchId, file: CaseFile) => Promise<Json | undefined>
  /** False when the record is no longer the one that was read. */
  readonly replaceFetch: (
    fetchId: FetchId,
    file: CaseFile,
    change: { readonly before: Json; readonly after: Json },
  ) => Promise<boolean>
}

export type RepeatedFetch = Repeated & { readonly companions: readonly Companion[] }

type FetchPlace = { readonly caseId: string; readonly fetchId: string }

/**
 * What an earlier fetch answered, byte for byte, but only while case, grant and licence still allow it;
 * the deed names what it discloses. Materials whose halls have answered since are completed, once: from
 * then on that is what everybody gets.
 * @throws GatewayError case_not_found, case_closed, fetch_not_found, assurance_too_low,
 *   precondition_failed
 */
export const repeatFetch = async (
  deps: RepeatFetchDeps,
  caller: Caller,
  { caseId, fetchId }: FetchPlace,
): Promise<RepeatedFetch> => {
  const file = await getUsableCase(deps, caller, caseId)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const fetched: FetchedMaterial[] = []
  for (;;) {
    const found = isUuid(fetchId) ? await deps.findFetch(asId(fetchId), file) : undefined
    if (found === undefined) throw new GatewayError('fetch_not_found')
    const record = fetchRecord.parse(found)
    const settled = await settledLines(deps, record)
    if (settled.size === 0) {
      const about = { fetchId: asId<FetchId>(fetchId), caseId: file.caseId, now: deps.clock.now() }
      return {
        ...(await repeatRecord(deps, { file, item }, record)),
        companions: fetchedMaterialRows(about, fetched),
      }
    }
    const assessed = await assessMaterials(deps, { file, item }, { codes: [...settled.keys()] })
    await requireAssurance(deps, file.assurance, assessed)
    const completed = await completeFetch(deps, found, settled, assessed)
    const change = { before: found, after: completed.record }
    if (await deps.replaceFetch(asId(fetchId), file, change))
      fetched.push(...completed.fetched.map((one) => ({ ...one, fetchId })))
  }
}

const repeatRecord = async (
  deps: RepeatFetchDeps,
  { file, item }: CaseWithItem,
  record: FetchRecord,
): Promise<Repeated> => {
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
    record.materials.map(async ({ licence, ...kept }): Promise<Json> => {
      const line = Object.fromEntries(Object.entries(kept).filter(([name]) => name !== 'tickets'))
      if (licence === undefined) return line
      if (licence.sdJwt !== undefined) return { ...line, licence }
      const { sdJwt, fields } = await presentLicence(asId(licence.licenceId), licence.fields)
      return { ...line, licence: { ...licence, sdJwt, fields } }
    }),
  ),
})

type Shown = {
  readonly code: string
  readonly attestedBy: 'department' | 'gateway'
  readonly disclosed: DisclosedLicence
}

/** A hall's paper stands in no stock: there the rules for asking decide, and what it may disclose. */
const maySee = (
  { material, judgement, disclosable, holders, onlyMatch, hold }: AssessedMaterial,
  { code, attestedBy, disclosed: { licenceId, fields } }: Shown,
): boolean => {
  if (material.code !== code || !fields.every((field) => disclosable.includes(field))) return false
  if (attestedBy === 'gateway')
    return holders.length > 0 && onlyMatch === undefined && hold === undefined
  return (
    (judgement.state === 'available' || judgement.state === 'ambiguous') &&
    judgement.licences.some((licence) => licence.licenceId === licenceId)
  )
}

const shownIn = ({ materials }: FetchRecord): readonly Shown[] =>
  materials.flatMap(({ code, licence }) =>
    licence === undefined
      ? []
      : [
          {
            code,
            attestedBy: licence.attestedBy,
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
