import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { Licence } from '../licences/licence.ts'
import { normaliseHolderId } from '../licences/normalise-holder-id.ts'
import { assessMaterials, type AssessedMaterial } from './assess-materials.ts'
import type { CaseWithItem, Subject } from './case-file.ts'
import { deedOfCase } from './check-materials.ts'
import { type FetchMaterialsDeps, requireAssurance } from './fetch-materials.ts'
import { getUsableCase } from './get-usable-case.ts'
import { ownersOf } from './owners-of.ts'
import { requireCase } from './require-case.ts'

export type SearchInput = {
  readonly caseId: string | undefined
  readonly holder: Subject
  readonly typeCode: string
}

/**
 * The licences of one type that name a person of the case, without content. A holder to whom the case's
 * materials do not lead is not found, whether or not such a licence exists.
 * @throws GatewayError case_required, case_not_found, case_closed, item_does_not_need_type,
 * assurance_too_low, licence_not_found
 */
export const searchLicences = async (
  deps: FetchMaterialsDeps,
  caller: Caller,
  input: SearchInput,
): Promise<Answer> => {
  const file = await getUsableCase(deps, caller, requireCase(input.caseId))
  const item = await deps.getItem(file.itemCode, file.itemVersion)
  const ofType = item.materials.filter(({ typeCode }) => typeCode === input.typeCode)
  if (ofType.length === 0) throw new GatewayError('item_does_not_need_type')
  const codes = ofType
    .filter(({ role }) => isAmong(input.holder, ownersOf(role, file.people).owners))
    .map(({ code }) => code)
  const assessed = await assessMaterials(deps, { file, item }, { codes })
  await requireAssurance(deps, file.assurance, assessed)
  const found = assessed.flatMap(foundIn)
  if (found.length === 0) throw new GatewayError('licence_not_found')
  return answer({ file, item }, found)
}

type Found = { readonly material: string; readonly state: string; readonly licence: Licence }

const foundIn = ({ material, judgement }: AssessedMaterial): readonly Found[] =>
  judgement.licences.map((licence) => ({
    material: material.code,
    state: judgement.state,
    licence,
  }))

const answer = ({ file, item }: CaseWithItem, found: readonly Found[]): Answer => ({
  status: 200,
  data: {
    licences: found.map(({ material, state, licence }) => ({
      licenceId: licence.licenceId,
      material,
      state,
      issuedAt: licence.issuedAt,
      validTo: licence.validTo,
      trustLevel: licence.trustLevel,
    })),
  },
  deed: {
    ...deedOfCase(file, item),
    action: 'licence.search',
    decision: 'allowed',
    detail: { found: found.map(({ licence }) => licence.licenceId) },
  },
})

const isAmong = (holder: Subject, owners: readonly Subject[]): boolean => {
  const id = normaliseHolderId(holder.idType, holder.id)
  return owners.some((owner) => owner.idType === holder.idType && owner.id === id)
}
