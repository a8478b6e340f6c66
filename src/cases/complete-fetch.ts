import { z } from 'zod'
import type { Json } from '../contract/endpoint.ts'
import type { TicketView } from '../halls/hall-tickets.ts'
import { judgeLateAnswer } from './ask-halls.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import { fetchRecord } from './case-schemas.ts'
import { type Fetched, fetchMaterial } from './fetch-material.ts'
import type { FetchMaterialsDeps } from './fetch-materials.ts'
import { type HallAnswer, hallAnswerOf, mergeHallAnswers } from './hall-answer.ts'
import { isFinal } from './material-state.ts'

export type KeptFetch = z.output<typeof fetchRecord>

/** The lines of a fetch whose questions have all been settled since, with what was answered. */
export type SettledLines = ReadonlyMap<string, HallAnswer>

export const settledLines = async (
  { halls, clock }: FetchMaterialsDeps,
  { materials }: KeptFetch,
): Promise<SettledLines> => {
  const tickets = materials.flatMap((line) => line.tickets ?? [])
  if (halls === undefined || tickets.length === 0) return new Map()
  const views = await halls.ticketsOf(tickets)
  const cityDate = clock.cityDate()
  return new Map(
    materials.flatMap(({ code, tickets: own = [] }) => {
      const settled = own.map((ticket) => outcomeOf(views.get(ticket)))
      const known = settled.flatMap((outcome) => (outcome === undefined ? [] : [outcome]))
      if (own.length === 0 || known.length < own.length) return []
      return [[code, mergeHallAnswers(known.map((one) => hallAnswerOf(one, cityDate)))] as const]
    }),
  )
}

/** A ticket that nobody answered in time, or that is kept no longer, has run out. */
const outcomeOf = (view: TicketView | undefined) => {
  if (view?.state === 'waiting') return undefined
  return view?.outcome ?? ranOut
}

const ranOut = {
  state: 'failed',
  kind: 'rejected',
  cause: 'ticket_expired',
  reason: 'expired',
} as const

/** The lines as they stand in the record: those that are not completed stay as they are. */
const keptLines = z.object({
  materials: z.array(z.object({ code: z.string() }).catchall(z.json())),
})

export type CompletedFetch = {
  readonly record: Json
  readonly fetched: readonly { readonly code: string; readonly licenceId: string }[]
}

/** The fetch with the settled lines judged anew; under the case's rules of now. */
export const completeFetch = async (
  deps: FetchMaterialsDeps,
  kept: Json,
  settled: SettledLines,
  assessed: readonly AssessedMaterial[],
): Promise<CompletedFetch> => {
  const record = fetchRecord.parse(kept)
  const completed = new Map<string, Fetched>()
  for (const entry of assessed) {
    const answer = settled.get(entry.material.code)
    if (answer === undefined) continue
    const judged = await judgeLateAnswer(deps, entry, answer)
    completed.set(entry.material.code, await fetchMaterial(deps, judged, undefined))
  }
  const materials = keptLines
    .parse(kept)
    .materials.map((line) => completed.get(line.code)?.kept ?? line)
  const complete = record.materials.every(({ code, state }) =>
    isFinal(stateOf(completed.get(code)) ?? state),
  )
  return {
    record: { fetchId: record.fetchId, complete, materials },
    fetched: [...completed].flatMap(([code, { disclosed }]) =>
      disclosed === undefined ? [] : [{ code, licenceId: disclosed.licenceId }],
    ),
  }
}

type State = KeptFetch['materials'][number]['state']

const stateOf = (fetched: Fetched | undefined): State | undefined => fetched?.state
