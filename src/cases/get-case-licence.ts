import type { Caller } from '../contract/caller.ts'
import { cityTimeOf } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import { deedOfCase } from './check-materials.ts'
import type { PresentedLicence } from './fetch-material.ts'
import { type FetchMaterialsDeps, requireAssurance } from './fetch-materials.ts'
import type { Licence } from '../licences/licence.ts'
import type { CaseWithItem } from './case-file.ts'
import { getHallLicence } from './get-hall-licence.ts'
import { getUsableCase } from './get-usable-case.ts'
import { requireCase } from './require-case.ts'

/**
 * One licence under a case: the same judgement, fields and evidence as a fetch of its material.
 * A licence that the case's materials do not lead to is not found, whether or not it exists.
 * @throws GatewayError case_required, case_not_found, case_closed, licence_not_found, assurance_too_low;
 *   for a hall's paper hall_error, hall_unavailable, hall_timeout.
 */
export const getCaseLicence = async (
  deps: FetchMaterialsDeps,
  caller: Caller,
  input: {
    readonly caseId: string | undefined
    readonly licenceId: string
    readonly requestId: string
  },
): Promise<Answer> => {
  const file = await getUsableCase(deps, caller, requireCase(input.caseId))
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const assessed = await assessMaterials(deps, { file, item })
  const entry = assessed.find(({ judgement }) => holds(judgement.licences, input.licenceId))
  const licence = entry?.judgement.licences.find(({ licenceId }) => licenceId === input.licenceId)
  if (entry === undefined || licence === undefined)
    return getHallLicence(deps, { ...input, file, item, caller }, assessed)
  await requireAssurance(deps, file.assurance, [entry])
  return answer({ file, item }, entry, await read(deps, entry, licence))
}

type Read = {
  readonly licence: Licence
  readonly status: { status: string; statusAsOf: string; statusSource: string }
  readonly content: PresentedLicence | undefined
}

const read = async (
  deps: FetchMaterialsDeps,
  entry: AssessedMaterial,
  licence: Licence,
): Promise<Read> => ({
  licence,
  status: {
    status: licence.status,
    statusAsOf: cityTimeOf(licence.statusAsOf),
    statusSource: licence.statusSource,
  },
  content: isUsable(entry)
    ? await deps.presentLicence(licence.licenceId, entry.disclosable)
    : undefined,
})

const answer = (
  { file, item }: CaseWithItem,
  { material, judgement }: AssessedMaterial,
  { licence, status, content }: Read,
): Answer => ({
  status: 200,
  data: {
    licenceId: licence.licenceId,
    version: licence.version,
    material: material.code,
    state: content === undefined ? judgement.state : 'fetched',
    reason: judgement.reason,
    ...status,
    ...(content === undefined ? {} : { ...content, attestedBy: 'department' }),
  },
  deed: {
    ...deedOfCase(file, item),
    action: 'licence.read',
    decision: content === undefined ? 'partial' : 'allowed',
    licences: [
      {
        licenceId: licence.licenceId,
        version: licence.version,
        fields: Object.keys(content?.fields ?? {}),
        ...status,
      },
    ],
    detail: { material: material.code },
  },
})

const holds = (licences: readonly { readonly licenceId: string }[], licenceId: string): boolean =>
  licences.some((licence) => licence.licenceId === licenceId)

const isUsable = ({ judgement }: AssessedMaterial): boolean =>
  judgement.state === 'available' || judgement.state === 'ambiguous'
