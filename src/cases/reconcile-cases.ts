import type { Clock } from '../contract/clock.ts'
import type { Deed } from '../contract/endpoint.ts'
import { inTransaction, type Tx } from '../store/in-transaction.ts'
import type { Store } from '../store/open-store.ts'
import { reconcileBefore } from './reconciliation-store.ts'

/** A registrar has so long to know of a case that a clerk system opened by itself. */
const graceMs = 24 * 3_600_000
const atOnce = 500

export type Reconciled = { readonly asserted: number; readonly unconfirmed: number }

/**
 * Holds the cases that systems opened for themselves against what registrars have registered or listed,
 * a day after each was opened. One that no registrar knows is an event of its own, so that an auditor
 * finds it by its system; it has shown existence and no content.
 */
export const reconcileCases = async (deps: {
  readonly store: Pick<Store, 'db'>
  readonly clock: Clock
  readonly fileEvent: (tx: Tx, deed: Deed) => Promise<void>
}): Promise<Reconciled> => {
  let total: Reconciled = { asserted: 0, unconfirmed: 0 }
  for (;;) {
    const page = await reconcilePage(deps)
    total = {
      asserted: total.asserted + page.asserted,
      unconfirmed: total.unconfirmed + page.unconfirmed,
    }
    if (page.asserted < atOnce) return total
  }
}

const reconcilePage = ({
  store,
  clock,
  fileEvent,
}: Parameters<typeof reconcileCases>[0]): Promise<Reconciled> =>
  inTransaction(store, async (tx) => {
    const now = clock.now()
    const before = new Date(now.getTime() - graceMs)
    const cases = await reconcileBefore(tx, before, { now, limit: atOnce })
    const unconfirmed = cases.filter(({ confirmed }) => !confirmed)
    for (const { caseId, clientId, itemCode } of unconfirmed)
      await fileEvent(tx, {
        action: 'case.unconfirmed',
        decision: 'denied',
        caseId,
        assurance: 'asserted',
        itemCode,
        detail: { clientId },
      })
    const counts = { asserted: cases.length, unconfirmed: unconfirmed.length }
    if (cases.length > 0)
      await fileEvent(tx, { action: 'case.reconcile', decision: 'allowed', detail: counts })
    return counts
  })
