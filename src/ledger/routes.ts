import type { output } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { cityTimeOf } from '../contract/clock.ts'
import { readEndpoint, type Json, type ReadEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { DataKeys } from '../store/data-keys.ts'
import {
  checkpointQuery,
  checkpointsData,
  eventQuery,
  eventsData,
  receiptData,
} from './audit-schemas.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { findEvent, listCheckpoints, type LedgerDb, type LocatedEvent } from './ledger-store.ts'
import { parseReceiptNo } from './receipt-no.ts'
import { receiptOfEvent } from './read-receipt.ts'
import { searchEvents } from './search-events.ts'

type Deps = { readonly db: LedgerDb; readonly keys: Pick<DataKeys, 'open'> }

const common = { method: 'GET', idempotent: false, operatorRequired: false } as const

/** GET /v1/audit/events, /v1/receipts/{no}, /v1/audit/checkpoints. */
export const ledgerEndpoints = (deps: Deps): readonly ReadEndpoint[] => [
  searchEventsEndpoint(deps),
  getReceiptEndpoint(deps),
  listCheckpointsEndpoint(deps),
]

const searchEventsEndpoint = (deps: Deps): ReadEndpoint =>
  readEndpoint({
    ...common,
    operationId: 'searchEvents',
    path: '/v1/audit/events',
    summaryZh: '检索用证记录(须写明事由,检索本身也会记录)',
    roles: ['A'],
    query: eventQuery,
    codes: ['bad_cursor'],
    data: eventsData,
    handle: async (call) => {
      const query = eventQuery.parse(call.query)
      const page = await searchEvents(deps, filterOf(query), {
        limit: query.limit,
        cursor: query.cursor,
      })
      return {
        status: 200,
        data: {
          events: page.events,
          ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
        },
        deed: {
          action: 'audit.search',
          decision: 'allowed',
          ...(query.case === undefined ? {} : { caseId: query.case }),
          detail: { filter: askedFor(call.query), reason: query.reason, found: page.events.length },
        },
      }
    },
  })

const askedFor = (query: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(query).filter(([name]) => !['limit', 'cursor', 'reason'].includes(name)),
  )

const filterOf = (query: output<typeof eventQuery>) => ({
  ...(query.licence === undefined ? {} : { licenceId: query.licence }),
  ...(query.case === undefined ? {} : { caseId: query.case }),
  ...(query.client === undefined ? {} : { clientId: query.client }),
  ...(query.operator === undefined ? {} : { operatorId: query.operator }),
  ...(query.decision === undefined ? {} : { decision: query.decision }),
  ...(query.from === undefined ? {} : { from: query.from }),
  ...(query.to === undefined ? {} : { to: query.to }),
})

const getReceiptEndpoint = (deps: Deps): ReadEndpoint =>
  readEndpoint({
    ...common,
    operationId: 'getReceipt',
    path: '/v1/receipts/:no',
    summaryZh: '取得一份用证回执',
    roles: ['C', 'A', 'H'],
    codes: ['receipt_not_found'],
    data: receiptData,
    handle: async ({ caller, params }) => {
      const no = parseReceiptNo(params['no'] ?? '')
      const event = no && (await findEvent(deps.db, no))
      const view = event && viewFor(caller, event)
      if (event === undefined || view === undefined) throw new GatewayError('receipt_not_found')
      return {
        status: 200,
        data: view === 'whole' ? await receiptOfEvent(deps, event) : statusOf(event),
        deed: {
          action: 'receipt.read',
          decision: 'allowed',
          ...(event.caseId === undefined ? {} : { caseId: event.caseId }),
          detail: { no: event.no, view },
        },
      }
    },
  })

/** Auditors see every receipt, clients their own, the hotline of any only what became of it. */
const viewFor = (caller: Caller, event: LocatedEvent): 'whole' | 'status' | undefined => {
  if (caller.roles.includes('A')) return 'whole'
  if (caller.roles.includes('C') && event.clientId === caller.clientId) return 'whole'
  return caller.roles.includes('H') ? 'status' : undefined
}

const statusOf = ({ no, at, action, decision }: LocatedEvent): Json => ({
  no,
  at: cityTimeOf(at),
  action,
  decision,
})

const listCheckpointsEndpoint = (deps: Deps): ReadEndpoint =>
  readEndpoint({
    ...common,
    operationId: 'listCheckpoints',
    path: '/v1/audit/checkpoints',
    summaryZh: '列出用证记录的检查点',
    roles: ['A'],
    query: checkpointQuery,
    codes: ['bad_cursor'],
    data: checkpointsData,
    handle: async (call) => {
      const { origin, limit, cursor } = checkpointQuery.parse(call.query)
      const after = cursor === undefined ? undefined : checkpointPlaceOf(cursor)
      const rows = await listCheckpoints(deps.db, origin, { limit: limit + 1, after })
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return {
        status: 200,
        data: {
          checkpoints: shown.map((row) => ({ ...row, createdAt: cityTimeOf(row.createdAt) })),
          ...(last && { nextCursor: writeCursor([last.origin, last.size]) }),
        },
        deed: { action: 'audit.checkpoints', decision: 'allowed' },
      }
    },
  })

const checkpointPlaceOf = (cursor: string): { readonly origin: string; readonly size: number } => {
  const [origin, size, ...rest] = readCursor(cursor)
  if (typeof origin === 'string' && typeof size === 'number' && rest.length === 0) {
    return { origin, size }
  }
  throw new GatewayError('bad_cursor')
}
