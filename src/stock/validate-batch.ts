import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { credentialIssuerOf } from '../licences/signing-certificate.ts'
import { inTransaction } from '../store/in-transaction.ts'
import { type Batch, startOfWork } from './batch.ts'
import { failBatch } from './batch-store.ts'
import { findNextBlock } from './chunk-store.ts'
import { endValidation } from './end-validation.ts'
import { commitValidatedPage } from './page-store.ts'
import { purgeBatch } from './purge-batch.ts'
import { readRowContext } from './row-context.ts'
import type { StockDeps } from './stock-deps.ts'
import { type Validation, validatePage } from './validate-page.ts'

/**
 * Validates a batch block by block, from wherever an earlier run stopped. When it ends, every credential
 * is fixed and the batch shows the root that a release has to name.
 * @throws LostBatchError when another worker goes on with the batch
 */
export const validateBatch = async (
  deps: StockDeps,
  batch: Batch,
  signal: AbortSignal,
): Promise<void> => {
  const { store, keys } = deps
  if (batch.progress === null) await purgeBatch(deps, batch)
  const validation = await prepare(deps, batch)
  if (validation === undefined) return
  let progress = batch.progress ?? startOfWork
  for (;;) {
    if (signal.aborted) return
    const block = await findNextBlock(store.db, keys, batch.batchId, progress.block)
    if (block === undefined) break
    const page = await validatePage(deps, validation, block, progress)
    await commitValidatedPage(deps, batch.batchId, page)
    progress = page.progress
  }
  await endValidation(deps, batch.batchId, {
    progress,
    digestName: validation.issuer.digestName,
  })
}

const prepare = async (
  { store, base, clock, people }: StockDeps,
  batch: Batch,
): Promise<Validation | undefined> => {
  const certificate = await findSigningCertificate(store.db, batch.certificateId ?? '')
  if (certificate === undefined) {
    await inTransaction(store, (tx) => failBatch(tx, batch, 'certificate_missing'))
    return undefined
  }
  const { issuerCode, typeCodes } = batch
  return {
    batch,
    certificate,
    issuer: credentialIssuerOf(base, certificate),
    context: await readRowContext(store.db, issuerCode, {
      typeCodes,
      cityDate: clock.cityDate(),
      people,
    }),
  }
}
