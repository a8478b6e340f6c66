import { setTimeout } from 'node:timers/promises'
import type { Clock } from '../contract/clock.ts'
import type { Deed } from '../contract/endpoint.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { Tx } from '../store/in-transaction.ts'
import { makeEvent } from './event.ts'
import type { LedgerDb } from './ledger-store.ts'
import type { Ledger } from './open-ledger.ts'
import { isInOutbox } from './outbox-store.ts'
import { newReceiptNo } from './receipt-no.ts'

export type FileOwnDeedDeps = {
  readonly ledger: Pick<Ledger, 'enqueue' | 'settle'>
  readonly db: LedgerDb
  readonly clock: Clock
  readonly random: RandomBytes
}

const lookEveryMs = 100
const looksMax = 600

/**
 * Files an act of the gateway itself (the end of a release) in the transaction of its write. The event
 * moves into the log once that transaction has committed; after a rollback nothing is left.
 * @throws GatewayError ledger_unavailable: roll back
 */
export const fileOwnDeed = async (deps: FileOwnDeedDeps, tx: Tx, deed: Deed): Promise<void> => {
  const { ledger, clock, random } = deps
  const no = newReceiptNo(random)
  const event = makeEvent({ no, now: clock.now(), cityDate: clock.cityDate(), deed })
  await ledger.enqueue(tx, { no, ...event })
  // Whatever goes wrong here, the event is in the outbox: the next start moves it.
  void settleAfterCommit(deps, no).catch(() => undefined)
}

const settleAfterCommit = async ({ ledger, db }: FileOwnDeedDeps, no: ReceiptNo): Promise<void> => {
  for (let look = 0; look < looksMax; look += 1) {
    await setTimeout(lookEveryMs, undefined, { ref: false })
    if (!(await isInOutbox(db, no))) continue
    await ledger.settle(no)
    return
  }
}
