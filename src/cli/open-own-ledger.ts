import { type Config, dataFolder, type GatewayFile } from '../config.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { Algorithms } from '../crypto/algorithms.ts'
import { loadNoteSigners } from '../crypto/load-note-signers.ts'
import { type Ledger, openLedger } from '../ledger/open-ledger.ts'
import { type DataKeyFile, loadDataKeys } from '../store/data-keys.ts'
import { readKeyFile } from '../store/key-file.ts'
import type { Store } from '../store/open-store.ts'

export type OwnLedger = {
  readonly store: Store
  readonly config: Config
  readonly gateway: GatewayFile
  readonly algorithms: Algorithms
  /** The data folder's, where none is given. */
  readonly file?: DataKeyFile
  readonly now: () => Date
  readonly randomBytes: RandomBytes
}

/** The gateway's log, for a command at its own machine that files what it does. To be closed. */
export const openOwnLedger = async (own: OwnLedger): Promise<Ledger> => {
  const { store, config, gateway, algorithms, now, randomBytes } = own
  const folder = dataFolder(config.dataDir)
  return openLedger({
    store,
    keys: loadDataKeys(own.file ?? (await readKeyFile(folder.dataKeys)), algorithms.atRest),
    noteSigners: await loadNoteSigners(folder, gateway.name, algorithms),
    signatures: algorithms.gm.signatures,
    digestName: algorithms.digestName,
    gateway: gateway.name,
    clock: { now },
    random: randomBytes,
  })
}
