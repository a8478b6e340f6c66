import type { ServiceItem } from '../catalogue/service-item.ts'
import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import {
  type AssessDeps,
  type AssessedMaterial,
  assessMaterials,
  type Wanted,
} from './assess-materials.ts'
import type { CaseFile } from './case-file.ts'
import { type FindCase, getUsableCase } from './get-usable-case.ts'

export type LookAgainDeps = AssessDeps & { readonly findCase: FindCase; readonly clock: Clock }

export type FirstLook = {
  readonly file: CaseFile
  readonly item: ServiceItem
  readonly wanted: Wanted
  readonly at: Date
  /** What stock said then. */
  readonly inStock: readonly AssessedMaterial[]
}

/** A grant is in memory for 600 ms at most: together that is within the second in which it has to end. */
const quickMs = 250

/**
 * Looks at case, grants and stock once more when halls have taken their time. A material of which the
 * basis has changed meanwhile is judged by what holds now; nothing a hall said about it is handed on.
 * @throws GatewayError case_not_found, case_closed
 */
export const lookAgain = async (
  deps: LookAgainDeps,
  caller: Caller,
  { file, item, wanted, at, inStock }: FirstLook,
  judged: readonly AssessedMaterial[],
): Promise<readonly AssessedMaterial[]> => {
  const tookMs = deps.clock.now().getTime() - at.getTime()
  if (tookMs >= 0 && tookMs < quickMs) return judged
  const fileNow = await getUsableCase(deps, caller, file.caseId)
  const now = await assessMaterials(deps, { file: fileNow, item }, wanted)
  return now.map((entry, place) => {
    const [before, found] = [inStock[place], judged[place]]
    const isAsBefore = before !== undefined && basisOf(before) === basisOf(entry)
    return isAsBefore && found !== undefined ? found : entry
  })
}

/** Everything on which asking and telling rests, as one text. */
const basisOf = ({
  material,
  judgement,
  disclosable,
  holders,
  onlyMatch,
  hold,
}: AssessedMaterial) =>
  JSON.stringify([
    material.code,
    judgement.state,
    judgement.reason,
    judgement.licences.map(({ licenceId, version, status }) => [licenceId, version, status]),
    disclosable,
    holders.map(({ idType, id }) => [idType, id]),
    onlyMatch ?? null,
    hold ?? null,
  ])
