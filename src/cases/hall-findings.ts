import type { DataQualityFinding } from '../halls/data-quality-store.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import type { BehindStock } from './behind-stock.ts'
import type { CaseFile } from './case-file.ts'
import type { HallAnswer } from './hall-answer.ts'

/**
 * What the departments should put right, as far as these answers show it. A third party's paper that
 * did not match says nothing about a department; neither does another name.
 */
export const findingsOf = (
  { caseId }: Pick<CaseFile, 'caseId'>,
  asked: readonly BehindStock[],
  judged: ReadonlyMap<string, AssessedMaterial>,
  answers: ReadonlyMap<string, HallAnswer>,
): readonly DataQualityFinding[] =>
  asked.flatMap((one) => {
    const { entry, type, connection } = one
    const [holder] = entry.holders
    const { code } = entry.material
    const found = kindOf(one, judged.get(code), answers.get(code))
    if (entry.onlyMatch !== undefined || holder === undefined || found === undefined) return []
    return [
      {
        ...found,
        issuerCode: type.issuer.code,
        hallId: connection.hallId,
        typeCode: type.typeCode,
        holder,
        caseId,
      },
    ]
  })

const kindOf = (
  { standing, entry }: BehindStock,
  judged: AssessedMaterial | undefined,
  answer: HallAnswer | undefined,
): Pick<DataQualityFinding, 'kind' | 'detail'> | undefined => {
  const differs = judged?.judgement.hall?.differs
  const material = entry.material.code
  if (differs !== undefined)
    return { kind: 'stock_differs', detail: { material, ...differs, about: [...differs.about] } }
  if (answer?.state !== 'none') return undefined
  if (answer.because === 'name_unreadable') return { kind: 'name_unreadable', detail: { material } }
  return answer.because === 'absent' && standing === 'missing'
    ? { kind: 'stock_gap', detail: { material } }
    : undefined
}
