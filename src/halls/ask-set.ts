import type { Asking } from './ask-hall.ts'
import type { NotConnected } from './collect-licence.ts'
import {
  unitFor,
  type DispatcherRoom,
  type MaterialFinding,
  type MaterialQuery,
  type SetContext,
} from './dispatcher-room.ts'
import type { HallQuestion } from './hall-tickets.ts'
import type { HallUnit } from './hall-unit.ts'
import { openDeadline } from './race-deadline.ts'

/** No set of materials waits longer, whatever its caller asks for. */
export const setDeadlineMs = 8_000

/** Kept back of the deadline: a hall cut off gets a moment to say what it knows, its question is kept. */
const keepingMs = 100

/** Asks one hall for one material, within the set's deadline. */
export type AskOne<Outcome> = (
  unit: HallUnit,
  question: HallQuestion,
  asking: Asking,
  query: MaterialQuery,
) => Promise<Outcome>

/** All materials at once under one deadline; the answers come in the order of the questions. */
export const askSet = async <Outcome>(
  room: DispatcherRoom,
  queries: readonly MaterialQuery[],
  ctx: SetContext,
  ask: AskOne<Outcome>,
): Promise<readonly MaterialFinding<Outcome | NotConnected>[]> => {
  const waitMs = Math.min(Math.max(0, ctx.waitMs), setDeadlineMs)
  const hallsMs = waitMs > 10 * keepingMs ? waitMs - keepingMs : waitMs
  const deadline = openDeadline(hallsMs, ctx.signal)
  const { requestId, isUnkept = false } = ctx
  const asking: Asking = { requestId, signal: deadline.signal, waitMs: hallsMs, isUnkept }
  try {
    return await Promise.all(queries.map((query) => askOne(room, query, ctx, asking, ask)))
  } finally {
    deadline.end()
  }
}

const askOne = async <Outcome>(
  room: DispatcherRoom,
  query: MaterialQuery,
  ctx: SetContext,
  asking: Asking,
  ask: AskOne<Outcome>,
): Promise<MaterialFinding<Outcome | NotConnected>> => {
  const askedAt = room.clock.now()
  const startedMs = room.elapsedMs()
  const { materialCode, typeCode } = query
  const unit = unitFor(room, typeCode)
  const hallId = unit?.spec.hallId
  const outcome =
    unit === undefined
      ? ({ state: 'not_connected' } as const)
      : await ask(unit, questionOf(unit, query, ctx), asking, query)
  const tookMs = room.elapsedMs() - startedMs
  return { materialCode, typeCode, hallId, outcome, askedAt, tookMs }
}

const questionOf = (
  { spec }: HallUnit,
  { materialCode, typeCode, holder }: MaterialQuery,
  { callerId, caseId, caseNo, itemCode, operator }: SetContext,
): HallQuestion => ({
  hallId: spec.hallId,
  typeCode,
  holder,
  materialCode,
  callerId,
  caseId,
  caseNo,
  itemCode,
  operator,
})
