import type { Logger } from 'pino'
import type { AccessDirectory } from '../access/access-directory.ts'
import type { Config, DataFolder, GatewayFile } from '../config.ts'
import type { Clock } from '../contract/clock.ts'
import type { Algorithms } from '../crypto/algorithms.ts'
import type { GmCrypto } from '../crypto/provider/gm-crypto.ts'
import type { Ledger } from '../ledger/open-ledger.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Store } from '../store/open-store.ts'

/** Everything that rooms are wired with. */
export type House = {
  readonly config: Config
  readonly gateway: GatewayFile
  readonly folder: DataFolder
  readonly clock: Clock
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number
  /** How a sandbox's magic subjects behave. */
  readonly magicSubjectsFile: string | undefined
  readonly logger: Logger
  readonly store: Store
  readonly keys: DataKeys
  /** The system's random bytes, drawn by the pool. */
  readonly randomBytes: RandomBytes
  readonly ledger: Ledger
  readonly directory: AccessDirectory
  readonly algorithms: Algorithms
  /** SM2, SM3 and SM4. */
  readonly gm: GmCrypto
}
