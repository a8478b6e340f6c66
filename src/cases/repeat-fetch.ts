import type { Caller } from '../contract/caller.ts'
import type { Deed, DisclosedLicence, Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { type AssessedMaterial, assessMaterials } from './assess-materials.ts'
import { fetchData } from './case-schemas.ts'
import { deedOfCase } from './check-materials.ts'
import { type FetchMaterialsDeps, requireAssurance } from './fetch-materials.ts'
import { getUsableCase } from './get-usable-case.ts'

/**
 * What an earlier fetch answered is given again only while case, grant and licence still allow it; the
 * deed names what it discloses.
 * @throws GatewayError case_not_found, case_closed, assurance_too_low, precondition_failed
 */
export const repeatFetch = async (
  deps: FetchMaterialsDeps,
  caller: Caller,
  { caseId, first }: { readonly caseId: string; readonly first: Json },
): Promise<Deed> => {
  const file = await getUsableCase(deps, caller, caseId)
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const shown = shownIn(first)
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
    ...deedOfCase(file, item),
    action: 'case.fetch_again',
    decision: 'allowed',
    licences: shown.map(({ disclosed }) => disclosed),
  }
}

type Shown = { readonly code: string; readonly disclosed: DisclosedLicence }

const maySee = (
  { material, judgement, disclosable }: AssessedMaterial,
  { code, disclosed: { licenceId, fields } }: Shown,
): boolean =>
  material.code === code &&
  (judgement.state === 'available' || judgement.state === 'ambiguous') &&
  judgement.licences.some((licence) => licence.licenceId === licenceId) &&
  fields.every((field) => disclosable.includes(field))

const shownIn = (first: Json): readonly Shown[] =>
  fetchData.parse(first).materials.flatMap(({ code, licence }) =>
    licence === undefined
      ? []
      : [
          {
            code,
            disclosed: {
              licenceId: licence.licenceId,
              version: licence.version,
              fields: Object.keys(licence.fields),
              status: licence.status,
              statusAsOf: licence.statusAsOf,
              statusSource: licence.statusSource,
            },
          },
        ],
  )
