import { type Config, dataFolder, type GatewayFile } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import { openAlgorithms } from '../../crypto/algorithms.ts'
import { loadNoteSigners } from '../../crypto/load-note-signers.ts'
import { makeEvent } from '../../ledger/event.ts'
import { openLedger } from '../../ledger/open-ledger.ts'
import { newReceiptNo } from '../../ledger/receipt-no.ts'
import { type DataKeyFile, loadDataKeys } from '../../store/data-keys.ts'
import type { Store } from '../../store/open-store.ts'
import type { Io } from '../io.ts'

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
  const keys = loadDataKeys(file, algorithms.atRest)
  const folder = dataFolder(config.dataDir)
  const ledger = await openLedger({
    store,
    keys,
    noteSigners: await loadNoteSigners(folder, gateway.name, algorithms),
    signatures: algorithms.gm.signatures,
    digestName: algorithms.digestName,
    gateway: gateway.name,
    clock: { now: io.now },
    random: io.randomBytes,
  })
  try {
    const no = newReceiptNo(io.randomBytes)
    const detail = { from: fromKeyId, to: keys.current.keyId, rows: moved }
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
