import { benchItem } from './bench-city.ts'
import { tableBytes, type TableBytes } from './database-figures-store.ts'
import { sendAll } from './load/send.ts'
import type { Part } from './part.ts'
import { benchHolders, ensureRealLicences } from './real-licences.ts'
import { registerCases } from './register-cases.ts'
import { rounded } from './rounds.ts'
import type { Scene } from './scene.ts'

/** The log itself: kept for good. */
const logTables = ['ledger_event', 'ledger_event_licence', 'ledger_subtree', 'ledger_checkpoint']
/** Kept requests have their own retention; nonces go after the skew window. */
const otherTables = ['ledger_request', 'ledger_nonce']
const exchanges = 20_000
const holderCount = 1000

export type ExchangeBytes = {
  /** Of the log's tables, for each exchange. */
  readonly bytes: number
  readonly details: {
    readonly exchanges: number
    readonly checkpoints: number
    readonly perExchange: Readonly<Record<string, number>>
  }
}

/** Files checks of one material over HTTP, 32 at a time, and looks at what the tables have grown. */
export const exchangeBytes = async (scene: Scene, load: Part): Promise<ExchangeBytes> => {
  const { store, city, dataKeys, options } = scene
  const { io, scale } = options
  const holders = benchHolders(holderCount)
  const real = { dataKeys, holders, now: io.now(), randomBytes: io.randomBytes }
  await ensureRealLicences(store, city, real)
  const cases = await registerCases(load, city, { holders, nowMs: io.now().getTime() })
  const count = Math.ceil(exchanges * scale)
  const requests = Array.from({ length: count }, (_, at) => {
    const { caseId, clientId, operatorId } = cases[at % cases.length] ?? {}
    if (caseId === undefined || clientId === undefined || operatorId === undefined)
      throw new RangeError('no cases')
    return {
      method: 'POST' as const,
      path: `/v1/cases/${caseId}/checks`,
      clientId,
      operatorId,
      body: JSON.stringify({ materials: [benchItem.materialCode] }),
    }
  })
  const tables = [...logTables, ...otherTables]
  const before = await tableBytes(store, tables)
  await sendAll(load, city, { requests, connections: 32 })
  const after = await tableBytes(store, tables)
  const grown = new Map(after.map((table, at) => [table.table, difference(table, before[at])]))
  const events = grown.get('ledger_event')?.rows ?? 0
  const share = (table: string): number => (grown.get(table)?.bytes ?? 0) / events
  return {
    bytes: logTables.reduce((sum, table) => sum + share(table), 0),
    details: {
      exchanges: events,
      checkpoints: grown.get('ledger_checkpoint')?.rows ?? 0,
      perExchange: Object.fromEntries(tables.map((table) => [table, rounded(share(table))])),
    },
  }
}

const difference = (after: TableBytes, before: TableBytes | undefined): TableBytes => ({
  table: after.table,
  bytes: after.bytes - (before?.bytes ?? 0),
  rows: after.rows - (before?.rows ?? 0),
})
