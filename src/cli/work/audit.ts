import { z } from 'zod'
import type { Checkpoints, Events } from '../../client/operations.ts'
import type { EventQuery } from '../../client/requests.ts'
import { UsageError } from '../command-error.ts'
import type { Given } from '../registry/given.ts'
import { commandOf, type Verb } from '../registry/verb.ts'

const filters = ['licence', 'case', 'client', 'operator', 'from', 'to'] as const
const pageMax = 200

const search: Verb = {
  operands: [],
  options: ['reason', 'decision', 'limit', ...filters],
  run: async (given, desk) => {
    const query = queryOf(given)
    const wanted = limitOf(given)
    const { audit } = await desk.client()
    const events: Events['events'] = []
    let cursor: string | undefined
    do {
      const limit = Math.min(pageMax, wanted - events.length)
      const { data } = await audit.searchEvents({
        ...query,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      events.push(...data.events)
      cursor = data.nextCursor
    } while (cursor !== undefined && events.length < wanted)
    return { data: { events, isComplete: cursor === undefined }, lines: events.map(eventLine) }
  },
}

const decisions = ['allowed', 'denied', 'partial'] as const

const queryOf = (given: Given): EventQuery => {
  const asked = Object.fromEntries(
    filters.flatMap((name) => {
      const value = given.text(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const decision = given.text('decision')
  const known = decisions.find((each) => each === decision)
  if (decision !== undefined && known === undefined)
    throw new UsageError(`--decision ${decisions.join(' | ')}`)
  return {
    reason: given.need('reason'),
    ...asked,
    ...(known === undefined ? {} : { decision: known }),
  }
}

const limitOf = (given: Given): number => {
  const limit = z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .safeParse(given.text('limit') ?? '100')
  if (!limit.success) throw new UsageError('--limit')
  return limit.data
}

const eventLine = ({ no, event }: Events['events'][number]): string =>
  ['at', 'decision', 'clientId', 'operatorId', 'action', 'itemCode', 'caseId']
    .map((name) => textOf(event[name]))
    .concat(no)
    .filter((each) => each !== '')
    .join('  ')

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const checkpoints: Verb = {
  operands: [],
  options: ['origin', 'limit'],
  run: async (given, desk) => {
    const origin = given.text('origin')
    const { data } = await (
      await desk.client()
    ).audit.listCheckpoints({
      limit: Math.min(pageMax, limitOf(given)),
      ...(origin === undefined ? {} : { origin }),
    })
    return { data, lines: data.checkpoints.map(checkpointLine) }
  },
}

const checkpointLine = ({ origin, size, createdAt }: Checkpoints['checkpoints'][number]): string =>
  `${createdAt}  ${origin}  ${String(size)}`

export const auditCommand = commandOf({ search, checkpoints })
