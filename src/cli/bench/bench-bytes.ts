import type { Bench } from './bench.ts'
import { tableBytes, type TableBytes } from './database-figures-store.ts'
import { exchangeBytes } from './exchange-bytes.ts'
import { pushLicences } from './push-licences.ts'
import { rounded } from './rounds.ts'
import { withScene } from './scene.ts'

const licenceTables = [
  'licence',
  'licence_signature',
  'licence_identifier',
  'licence_number',
  'licence_holder',
]
const usualRows = 50_000

/**
 * P9: what a licence takes in the database after a real load and release, beside the bytes that its
 * department pushed; and what a filed check takes. Tables with partitions, indexes and TOAST.
 */
export const benchBytes: Bench = (options) =>
  withScene(options, async (scene) => {
    const { say, licences = usualRows } = options
    const { load } = await scene.startGateway()
    const before = await tableBytes(scene.store, licenceTables)
    say(`pushing ${String(licences)} licences`)
    const pushed = await pushLicences(scene, licences)
    const after = await tableBytes(scene.store, licenceTables)
    const stored = totalOf(after) - totalOf(before)
    say('filing exchanges')
    const exchange = await exchangeBytes(scene, load)
    const ratios = {
      'P9.licence': rounded(stored / pushed.payloadBytes, 3),
      'P9.exchange': rounded(exchange.bytes),
    }
    const perLicence = {
      payload: rounded(pushed.payloadBytes / pushed.rows),
      ...perRow(before, after, pushed.rows),
    }
    const details = { licences: pushed.rows, perLicence, ...exchange.details }
    return {
      name: 'bytes',
      ratios,
      details,
      tables: [
        { title: 'bytes a licence', rows: [perLicence] },
        { title: 'bytes a filed exchange', rows: [exchange.details.perExchange] },
      ],
    }
  })

const totalOf = (tables: readonly TableBytes[]): number =>
  tables.reduce((sum, { bytes }) => sum + bytes, 0)

const perRow = (
  before: readonly TableBytes[],
  after: readonly TableBytes[],
  rows: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    after.map(({ table, bytes }, at) => [
      table,
      rounded((bytes - (before[at]?.bytes ?? 0)) / rows),
    ]),
  )
