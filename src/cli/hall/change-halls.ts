import type { Config, GatewayFile } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import type { Json } from '../../contract/endpoint.ts'
import type { ReceiptNo } from '../../contract/ids.ts'
import { openAlgorithms } from '../../crypto/algorithms.ts'
import { makeEvent } from '../../ledger/event.ts'
import { newReceiptNo } from '../../ledger/receipt-no.ts'
import { inTransaction, type Tx } from '../../store/in-transaction.ts'
import { requireProfile } from '../../store/profile-store.ts'
import { openStore } from '../../store/open-store.ts'
import { runMigrations } from '../../store/run-migrations.ts'
import type { Io } from '../io.ts'
import { openOwnLedger } from '../open-own-ledger.ts'
import { migrationsDir } from '../package-root.ts'

export type HallChange = {
  /** Dotted name of docs/audit-events.md. */
  readonly action: 'hall.connect' | 'hall.disconnect'
  /** Without secrets. */
  readonly detail: Json
  readonly run: (tx: Tx) => Promise<void>
}

/** Changes the configuration of halls in one transaction with the event that says so. */
export const changeHalls = async (
  { config, gateway, io }: { config: Config; gateway: GatewayFile; io: Io },
  { action, detail, run }: HallChange,
): Promise<ReceiptNo> => {
  const { databaseUrl, dataDir } = config
  const algorithms = await openAlgorithms(gateway.profile, io.randomBytes)
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    await requireProfile(store, gateway.profile)
    await runMigrations(store, migrationsDir, algorithms.digestName)
    const ledger = await openOwnLedger({ ...io, store, config, gateway, algorithms })
    try {
      const no = newReceiptNo(io.randomBytes)
      const cityDate = config.cityDate ?? cityDateOf(io.now())
      const deed = { action, decision: 'allowed', detail } as const
      await inTransaction(store, async (tx) => {
        await run(tx)
        await ledger.enqueue(tx, { no, ...makeEvent({ no, now: io.now(), cityDate, deed }) })
      })
      await ledger.settle(no)
      return no
    } finally {
      await ledger.close()
    }
  } finally {
    await store.close()
  }
}
