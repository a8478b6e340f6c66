import type { Clock } from '../contract/clock.ts'
import type { Deed } from '../contract/endpoint.ts'
import { inTransaction, type Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import { noteDueWarnings } from './certificate-warning-store.ts'

const warnedDays = [30, 7, 1] as const

/**
 * Files one event for every client certificate that has come within 30, 7 or 1 days of its end: once
 * each, whichever process looks first. @returns how many
 */
export const warnCertificates = (deps: {
  readonly store: Pick<Store, 'db'>
  readonly clock: Clock
  readonly fileEvent: (tx: Tx, deed: Deed) => Promise<void>
}): Promise<number> =>
  inTransaction(deps.store, async (tx) => {
    let count = 0
    for (const days of warnedDays) {
      for (const detail of await noteDueWarnings(tx, days, deps.clock.now())) {
        await deps.fileEvent(tx, {
          action: 'client.certificate.warn',
          decision: 'allowed',
          detail,
        })
        count += 1
      }
    }
    return count
  })
