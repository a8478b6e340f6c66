import { readBatchLicences } from '../licences/batch-licence-store.ts'
import { deleteLicences, type LicenceToDelete } from '../licences/delete-licences-store.ts'
import { contentOf } from '../licences/licence-content.ts'
import { indexLicenceAll } from '../licences/licence-index.ts'
import { openSecretPart } from '../licences/secret-part.ts'
import { inTransaction } from '../store/in-transaction.ts'
import type { Batch } from './batch.ts'
import { clearRange, deleteSupersessions, inPageTransaction } from './batch-store.ts'
import { deleteFindings } from './finding-store.ts'
import { deleteResigned } from './resign-store.ts'
import type { StockDeps } from './stock-deps.ts'

/** Takes back what an earlier validation of the batch left: findings and licences never released. */
export const purgeBatch = async (
  { store, keys }: Pick<StockDeps, 'store' | 'keys'>,
  { batchId, range }: Batch,
): Promise<void> => {
  for (;;) {
    if (range === null) break
    const licences = await inPageTransaction(store, (tx) =>
      readBatchLicences(tx, { batchId, ...range }, null, 500),
    )
    if (licences.length === 0) break
    const doomed = licences.map((licence): LicenceToDelete => {
      const { licenceId, version, typeCode } = licence.claims
      const row = { licenceId, version, certificateId: licence.certificateId }
      const { disclosures, legacyAlias } = openSecretPart(keys, row, licence)
      const indices = indexLicenceAll(keys, contentOf(disclosures), legacyAlias)
      return { licenceId, typeCode, indices }
    })
    await inPageTransaction(store, (tx) => deleteLicences(tx, doomed))
  }
  await inTransaction(store, async (tx) => {
    await deleteFindings(tx, batchId)
    await deleteResigned(tx, batchId)
    await deleteSupersessions(tx, batchId)
    await clearRange(tx, batchId)
  })
}
