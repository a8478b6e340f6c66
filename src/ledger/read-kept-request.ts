import type { ReceiptNo } from '../contract/ids.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { decodeKeptRequest, type KeptRequest } from './kept-request.ts'
import { findKeptRequest, type LedgerDb } from './ledger-store.ts'
import { context } from './prepare-filing.ts'

/** The signed request behind an event, for evidence packets; undefined when none was kept. */
export const readKeptRequest = async (
  deps: { readonly db: LedgerDb; readonly keys: Pick<DataKeys, 'open'> },
  no: ReceiptNo,
): Promise<KeptRequest | undefined> => {
  const sealed = await findKeptRequest(deps.db, no)
  if (sealed === undefined) return undefined
  return decodeKeptRequest(deps.keys.open(sealed.blob, sealed.keyId, context('request', no)))
}
