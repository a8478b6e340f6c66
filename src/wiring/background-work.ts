import { warnCertificates } from '../access/warn-certificates.ts'
import { reconcileCases } from '../cases/reconcile-cases.ts'
import { keptMs } from '../http/idempotency.ts'
import { createNoncePurge } from '../http/nonce-purge.ts'
import { purgeIdempotency } from '../http/idempotency-store.ts'
import { randomBytes } from 'node:crypto'
import type { App } from '../http/create-app.ts'
import { fileRefusalSummaries } from '../http/refusal-tally.ts'
import type { StockDeps } from '../stock/stock-deps.ts'
import { resumeBatches } from '../stock/work-on-batch.ts'
import type { House } from './house.ts'

const summariesEveryMs = 60_000
const purgeEveryMs = 60_000
const resumeEveryMs = 30_000
const forgetEveryMs = 3_600_000
const warnEveryMs = 3_600_000
const reconcileEveryMs = 3_600_000

/** Answers a function that stops the work and files what is owed. */
export const startBackgroundWork = async (
  { store, ledger, clock, logger }: House,
  { app, stock }: { readonly app: App; readonly stock: StockDeps },
): Promise<() => Promise<void>> => {
  const fileSummaries = (): Promise<void> =>
    fileRefusalSummaries({ ledger, clock, randomBytes }, app.refusals)
  const report = (error: unknown): void => {
    logger.error(
      { fault: error instanceof Error ? error.name : 'unknown' },
      'background work failed',
    )
  }
  const purgeNonces = createNoncePurge({
    forget: ledger.purgeNonces,
    now: clock.now,
    skewSeconds: app.limits.skewSeconds,
    everyMs: purgeEveryMs,
  })
  const warn = (): void => {
    warnCertificates({ store, clock, fileEvent: stock.fileEvent }).catch(report)
  }
  // A case is held against the lists once, a day after it was opened: looking oftener costs nothing.
  const reconcile = (): void => {
    reconcileCases({ store, clock, fileEvent: stock.fileEvent }).catch(report)
  }
  const timers = [
    setInterval(() => {
      fileSummaries().catch(report)
    }, summariesEveryMs),
    setInterval(() => {
      purgeNonces().catch(report)
    }, purgeEveryMs),
    setInterval(() => {
      resumeBatches(stock).catch(report)
    }, resumeEveryMs),
    setInterval(() => {
      purgeIdempotency(store.db, new Date(clock.now().getTime() - keptMs)).catch(report)
    }, forgetEveryMs),
    setInterval(warn, warnEveryMs),
    setInterval(reconcile, reconcileEveryMs),
  ]
  warn()
  reconcile()
  await resumeBatches(stock)
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await stock.jobs.stop()
    await fileSummaries().catch(report)
  }
}
