import { createHmac, randomUUID } from 'node:crypto'
import type { CollectOutcome } from '../../src/halls/collect-licence.ts'
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherDeps,
} from '../../src/halls/dispatcher.ts'
import type { SetContext } from '../../src/halls/dispatcher-room.ts'
import type { FindOutcome, HallAdapter, HallLicence } from '../../src/halls/hall-contract.ts'
import type { HallLogEntry, HallTransition } from '../../src/halls/hall-record.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import type {
  HallQuestion,
  NewTicket,
  TicketKeeper,
  TicketView,
} from '../../src/halls/hall-tickets.ts'
import { operator, people } from '../adapters/harness.ts'

export const typeCode = '11370299003700010A001'

export const licenceOf = (more: Partial<HallLicence> = {}): HallLicence => ({
  typeCode,
  identifier: undefined,
  number: 'T99000004',
  version: '001',
  holders: [people.allPresent],
  issuer: { code: '11370299003700010A', name: '青岛市人力资源和社会保障局' },
  issuedAt: '2018-06-12',
  validFrom: '2018-06-12',
  validTo: null,
  status: 'active',
  sourceStatus: '1',
  areaCode: undefined,
  fields: { name: people.allPresent.name },
  asOf: '2018-11-30T10:00:00.000+08:00',
  rawDigest: 'sha-256:x',
  ...more,
})

export const foundWith = (...licences: readonly HallLicence[]): FindOutcome => ({
  state: 'found',
  candidates: licences.map((licence) => ({
    ref: licence.number,
    number: licence.number,
    version: licence.version,
    issuedAt: licence.issuedAt,
    validFrom: licence.validFrom,
    validTo: licence.validTo,
    status: licence.status,
    licence,
  })),
})

export const adapterWith = (more: Partial<HallAdapter> = {}): HallAdapter => ({
  typeCodes: [typeCode],
  canRepeatFind: () => true,
  find: async () => foundWith(licenceOf()),
  fetch: async () => ({ state: 'licence', licence: licenceOf() }),
  probe: async () => ({ state: 'up' }),
  feed: async () => ({
    state: 'business',
    business: { asOf: '', accepted: 1, finished: 1, overdue: 0, queues: [] },
  }),
  close: async () => undefined,
  ...more,
})

export const specWith = (hallId: string, more: Readonly<Record<string, unknown>> = {}) =>
  hallSpecSchema.parse({
    hallId,
    nameZh: '测试大厅',
    department: 'test',
    organisationId: 'test',
    settings: {},
    ...more,
  })

export type MemoryTickets = TicketKeeper & {
  readonly kept: { ticketId: string; ticket: NewTicket; outcome: CollectOutcome | undefined }[]
}

export const memoryTickets = (): MemoryTickets => {
  const kept: MemoryTickets['kept'] = []
  const same = (one: HallQuestion, other: HallQuestion): boolean =>
    JSON.stringify([one.caseId, one.typeCode, one.holder, one.operator.id]) ===
    JSON.stringify([other.caseId, other.typeCode, other.holder, other.operator.id])
  return {
    kept,
    find: async (question) => {
      const entry = kept.find(({ ticket }) => same(ticket.question, question))
      if (entry === undefined) return undefined
      const { ticketId, ticket, outcome } = entry
      const state: TicketView['state'] = outcome === undefined ? 'waiting' : 'done'
      return { ticketId, kind: ticket.kind, state, retryAt: ticket.retryAt, outcome }
    },
    keep: async (ticket) => {
      const known = kept.find((entry) => same(entry.ticket.question, ticket.question))
      if (known !== undefined) return known.ticketId
      const ticketId = randomUUID()
      kept.push({ ticketId, ticket, outcome: undefined })
      return ticketId
    },
    settle: async (ticketId, outcome) => {
      const entry = kept.find((candidate) => candidate.ticketId === ticketId)
      if (entry !== undefined) entry.outcome ??= outcome
    },
  }
}

export type Board = {
  readonly dispatcher: Dispatcher
  readonly log: HallLogEntry[]
  readonly transitions: HallTransition[]
  readonly tickets: MemoryTickets
}

export const boardWith = (
  halls: DispatcherDeps['halls'],
  more: Partial<DispatcherDeps> = {},
): Board => {
  const log: HallLogEntry[] = []
  const transitions: HallTransition[] = []
  const tickets = memoryTickets()
  const dispatcher = createDispatcher({
    halls,
    clock: { now: () => new Date(), cityDate: () => '2018-11-30' },
    elapsedMs: () => performance.now(),
    log: (entry) => log.push(entry),
    announce: (transition) => transitions.push(transition),
    tickets,
    indexOf: (text) => createHmac('sha256', 'test').update(text).digest(),
    tickMs: 3_600_000,
    ...more,
  })
  return { dispatcher, log, transitions, tickets }
}

export const setContext = (more: Partial<SetContext> = {}): SetContext => ({
  requestId: 'req-1',
  callerId: 'clerk-city',
  caseId: '01933b2e-7d20-7000-8000-000000000001',
  caseNo: 'QD-2018-0001',
  itemCode: 'QD-YL-001',
  operator,
  waitMs: 2_000,
  ...more,
})

export const material = (more = {}) => ({
  materialCode: 'M01',
  typeCode,
  holder: people.allPresent,
  ...more,
})
