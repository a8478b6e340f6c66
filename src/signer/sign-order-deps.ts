import type { SignedList } from './signed-list.ts'
import type { SignerFolder } from './signer-folder.ts'

/** What one request to sign is judged and answered with. */
export type SignOrderDeps = {
  readonly folder: SignerFolder
  readonly list: SignedList
  readonly now: Date
  /** Names the spool file; unique among requests under way. */
  readonly requestName: string
}
