import type { CatalogueFile } from '../../catalogue/parse-catalogue.ts'
import { saveCatalogue, type SavedCatalogue } from '../../catalogue/save-catalogue.ts'
import type { Config, GatewayFile } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import type { ReceiptNo } from '../../contract/ids.ts'
import type { RandomBytes } from '../../contract/uuid.ts'
import { openAlgorithms } from '../../crypto/algorithms.ts'
import { makeEvent } from '../../ledger/event.ts'
import { newReceiptNo } from '../../ledger/receipt-no.ts'
import { inTransaction } from '../../store/in-transaction.ts'
import { requireProfile } from '../../store/profile-store.ts'
import { openStore } from '../../store/open-store.ts'
import { openOwnLedger } from '../open-own-ledger.ts'

export type ImportCatalogue = {
  readonly config: Config
  readonly gateway: GatewayFile
  readonly catalogue: CatalogueFile
  /** `sha-256:<base64url>` of the file. */
  readonly digest: string
  readonly now: () => Date
  readonly randomBytes: RandomBytes
}

export type ImportedCatalogue = SavedCatalogue & { readonly receiptNo: ReceiptNo }

/**
 * Stores what is new, in one transaction with the event that says so; the event is in the log when this
 * resolves. Gateways on the same database see it within a second.
 * @throws GatewayError version_conflict
 */
export const importCatalogue = async (input: ImportCatalogue): Promise<ImportedCatalogue> => {
  const { config, gateway, catalogue, now, randomBytes } = input
  const { databaseUrl, dataDir } = config
  const algorithms = await openAlgorithms(gateway.profile, randomBytes)
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    await requireProfile(store, gateway.profile)
    const ledger = await openOwnLedger({ ...input, store, algorithms })
    try {
      const receiptNo = newReceiptNo(randomBytes)
      const saved = await inTransaction(store, async (tx) => {
        const added = await saveCatalogue(tx, catalogue, now())
        await ledger.enqueue(tx, { no: receiptNo, ...eventOf(input, receiptNo, added) })
        return added
      })
      await ledger.settle(receiptNo)
      return { ...saved, receiptNo }
    } finally {
      await ledger.close()
    }
  } finally {
    await store.close()
  }
}

const eventOf = (
  { config, digest, now }: ImportCatalogue,
  no: ReceiptNo,
  { typesAdded, itemsAdded }: SavedCatalogue,
) =>
  makeEvent({
    no,
    now: now(),
    cityDate: config.cityDate ?? cityDateOf(now()),
    deed: {
      action: 'catalogue.import',
      decision: 'allowed',
      detail: { digest, typesAdded, itemsAdded },
    },
  })
