import type { LicenceType } from '../catalogue/licence-type.ts'
import type { ServiceItem } from '../catalogue/service-item.ts'
import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import type { LicenceId } from '../contract/ids.ts'
import type { MaterialQuery, SetContext } from '../halls/dispatcher-room.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import type { BehindStock } from './behind-stock.ts'
import type { CaseFile } from './case-file.ts'
import { type HallAnswer, hallAnswerOf, mergeHallAnswers } from './hall-answer.ts'
import type { HallDesk } from './hall-desk.ts'
import { findingsOf } from './hall-findings.ts'
import { matchAtHall } from './match-at-hall.ts'
import { stockStanding } from './stock-standing.ts'
import { noteAbsence, weighHallAnswer, weighMatch } from './weigh-hall-answer.ts'

export type AskHallsDeps = {
  /** Undefined where no hall is connected. */
  readonly halls?: HallDesk
  readonly clock: Clock
  readonly getType: (typeCode: string) => Promise<LicenceType>
  readonly numberTailOf: (licenceId: LicenceId) => Promise<string>
}

export type HallQuestions = {
  readonly file: CaseFile
  readonly item: ServiceItem
  readonly caller: Caller
  readonly requestId: string
  /** One deadline for all of them. */
  readonly waitMs: number
  /** False: existence only. */
  readonly wantsContent: boolean
  /** The clerk's choices among earlier candidates, by material code. */
  readonly chosen?: ReadonlyMap<string, string | undefined>
}

/**
 * Asks the halls for what stock does not answer, all at once under one deadline, and judges stock and
 * hall together. Grants, owners and consents have been looked at before: a material without holders is
 * not asked for.
 */
export const askHalls = async (
  deps: AskHallsDeps,
  questions: HallQuestions,
  assessed: readonly AssessedMaterial[],
): Promise<readonly AssessedMaterial[]> => {
  const { halls } = deps
  if (halls === undefined) return assessed
  const behind = await behindStock(deps, halls, questions, assessed)
  if (behind.length === 0) return assessed
  const toAsk = behind.filter(({ standing }) => standing !== 'enough')
  const answers = await collectAnswers(deps, halls, questions, toAsk)
  const judged = new Map<string, AssessedMaterial>()
  for (const one of behind) {
    const answer = answers.get(one.entry.material.code)
    judged.set(one.entry.material.code, await judge(deps, one, answer))
  }
  halls.report(findingsOf(questions.file, toAsk, judged, answers))
  return assessed.map((entry) => judged.get(entry.material.code) ?? entry)
}

/** Judges a material anew by an answer that a hall gave later; stock that has come meanwhile goes first. */
export const judgeLateAnswer = async (
  deps: AskHallsDeps,
  entry: AssessedMaterial,
  answer: HallAnswer,
): Promise<AssessedMaterial> => {
  if (deps.halls === undefined) return entry
  const [one] = await behindStock(deps, deps.halls, {}, [entry])
  return one === undefined || one.standing === 'enough' ? entry : judge(deps, one, answer)
}

const behindStock = async (
  { clock, getType }: AskHallsDeps,
  halls: HallDesk,
  { chosen }: Pick<HallQuestions, 'chosen'>,
  assessed: readonly AssessedMaterial[],
): Promise<readonly BehindStock[]> => {
  const found: BehindStock[] = []
  for (const entry of assessed) {
    const { typeCode, code } = entry.material
    if (typeCode === null || !mayAsk(entry)) continue
    const connection = halls.connectionOf(typeCode)
    if (connection === undefined) continue
    const type = await getType(typeCode)
    const standing = stockStanding(entry.judgement, type, clock.now())
    const candidateId = chosenAtHall(entry, chosen?.get(code))
    // What has ended in stock is weighed against the choice, too: it may be the same paper.
    const isElsewhere = candidateId !== undefined && standing !== 'ended'
    const asked = { entry, connection, type, standing: isElsewhere ? 'missing' : standing } as const
    found.push(candidateId === undefined ? asked : { ...asked, candidateId })
  }
  return found
}

/** Of a paper that is held a hall is asked for nothing, but for a match, which is then no match. */
const mayAsk = ({ holders, hold, onlyMatch }: AssessedMaterial): boolean =>
  holders.length > 0 && (hold === undefined || onlyMatch !== undefined)

/** A choice that is not one of the stock's licences can only be a hall's paper. */
const chosenAtHall = (
  { judgement }: AssessedMaterial,
  licenceId: string | undefined,
): string | undefined =>
  judgement.licences.some((licence) => licence.licenceId === licenceId) ? undefined : licenceId

const collectAnswers = async (
  { clock }: AskHallsDeps,
  halls: HallDesk,
  questions: HallQuestions,
  toAsk: readonly BehindStock[],
): Promise<ReadonlyMap<string, HallAnswer>> => {
  if (toAsk.length === 0) return new Map()
  const context = await setContextOf(halls, questions)
  const plain = toAsk.filter(({ entry }) => entry.onlyMatch === undefined)
  const queries = plain.flatMap(queriesOf)
  const ask = questions.wantsContent ? halls.collectMaterials : halls.findMaterials
  const [findings, matched] = await Promise.all([
    ask(queries, context),
    Promise.all(
      toAsk
        .filter(({ entry }) => entry.onlyMatch !== undefined)
        .map(async (one) => [codeOf(one), await matchAtHall(halls, one, context)] as const),
    ),
  ])
  const cityDate = clock.cityDate()
  const answers = new Map<string, HallAnswer>(matched)
  for (const one of plain) {
    const own = findings.filter(({ materialCode }) => materialCode === codeOf(one))
    const merged = own.map(({ outcome }) => hallAnswerOf(outcome, cityDate))
    answers.set(codeOf(one), mergeHallAnswers(merged))
  }
  return answers
}

const codeOf = ({ entry }: BehindStock): string => entry.material.code

const setContextOf = async (halls: HallDesk, questions: HallQuestions): Promise<SetContext> => {
  const { file, item, caller, requestId, waitMs } = questions
  const { operatorId, operatorName } = file.people
  return {
    requestId,
    callerId: caller.clientId,
    caseId: file.caseId,
    caseNo: file.caseNo,
    itemCode: item.code,
    operator: await halls.operatorOf(caller.operatorId ?? operatorId, operatorName),
    waitMs,
  }
}

const queriesOf = ({ entry, type, candidateId }: BehindStock): readonly MaterialQuery[] =>
  entry.holders.map((holder) => ({
    materialCode: entry.material.code,
    typeCode: type.typeCode,
    holder,
    ...(candidateId === undefined ? {} : { candidateId }),
  }))

const judge = async (
  { clock, numberTailOf }: AskHallsDeps,
  { entry, connection, type, standing }: BehindStock,
  answer: HallAnswer | undefined,
): Promise<AssessedMaterial> => {
  const { judgement } = entry
  if (answer === undefined)
    return { ...entry, judgement: noteAbsence(judgement, connection, type, clock) }
  if (entry.onlyMatch !== undefined)
    return { ...entry, judgement: weighMatch(judgement, connection, answer) }
  const { licences } = judgement
  const tails = type.singleInstance
    ? []
    : await Promise.all(
        licences.map(async ({ licenceId }) => [licenceId, await numberTailOf(licenceId)] as const),
      )
  const facts = { hall: connection, type, clock, tails: new Map(tails) }
  const weighed = weighHallAnswer(judgement, standing, answer, facts)
  return { ...entry, judgement: weighed }
}
