import type { Config, GatewayFile } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import { openAlgorithms } from '../../crypto/algorithms.ts'
import { makeEvent } from '../../ledger/event.ts'
import { newReceiptNo } from '../../ledger/receipt-no.ts'
import { type DataKeyFile, loadDataKeys } from '../../store/data-keys.ts'
import type { Store } from '../../store/open-store.ts'
import type { Io } from '../io.ts'
import { openOwnLedger } from '../open-own-ledger.ts'

/** Files that the data at rest stands under another key, at the gateway's own machine. */
export const fileReindex = async (
  { config, io }: { readonly config: Config; readonly io: Io },
  deed: {
    readonly store: Store
    readonly file: DataKeyFile
    readonly fromKeyId: string
    readonly moved: number
    readonly gateway: GatewayFile
  },
): Promise<void> => {
  const { store, file, fromKeyId, moved, gateway } = deed
  const algorithms = await openAlgorithms(gateway.profile, io.randomBytes)
  const ledger = await openOwnLedger({ ...io, store, config, gateway, algorithms, file })
  try {
    const no = newReceiptNo(io.randomBytes)
    const detail = {
      from: fromKeyId,
      to: loadDataKeys(file, algorithms.atRest).current.keyId,
      rows: moved,
    }
    const now = io.now()
    await ledger.file({
      no,
      ...makeEvent({
        no,
        now,
        cityDate: config.cityDate ?? cityDateOf(now),
        deed: { action: 'keys.reindex', decision: 'allowed', detail },
      }),
    })
  } finally {
    await ledger.close()
  }
}
