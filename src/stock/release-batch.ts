import type { BatchId } from '../contract/ids.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { appendEntry, frontierRoot } from '../crypto/merkle.ts'
import { digestNameOf } from '../crypto/signer.ts'
import type { LicenceRange } from '../licences/batch-licence-store.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { credentialIssuerOf, type SigningCertificate } from '../licences/signing-certificate.ts'
import { inTransaction, type Tx } from '../store/in-transaction.ts'
import { type Batch, type BatchFailure, type BatchProgress, startOfWork } from './batch.ts'
import { failBatch, finishRelease, inPageTransaction, lockBatch } from './batch-store.ts'
import { findSupersessions } from './find-supersessions.ts'
import { commitSignedPage } from './page-store.ts'
import { inheritStatuses } from './resign-store.ts'
import { type RebuildDeps, rebuildPage, rowsToSign } from './rebuild-page.ts'
import {
  custodyPageSigner,
  departmentPageSigner,
  type PageSigner,
  WrongSignatureError,
} from './sign-page.ts'
import { SignerRefusedError } from './signer-refused-error.ts'
import type { StockDeps } from './stock-deps.ts'
import { loadFrontier, storeFrontier } from './stored-frontier.ts'
import { applySupersessions, lockIssuer } from './supersession-store.ts'

/**
 * Has a batch signed and makes it visible, from wherever an earlier run stopped. Nothing is seen before
 * the last step, which is one transaction. A signer that cannot be reached is asked again later (the
 * error passes to the jobs); one that refuses fails the batch.
 */
export const releaseBatch = async (
  deps: StockDeps,
  batch: Batch,
  signal: AbortSignal,
): Promise<void> => {
  const certificate = await findSigningCertificate(deps.store.db, batch.certificateId ?? '')
  if (certificate === undefined || batch.range === null) {
    await fail(deps, batch, 'certificate_missing')
    return
  }
  const work = {
    range: { batchId: batch.batchId, ...batch.range },
    rebuild: {
      store: deps.store,
      keys: deps.keys,
      issuer: credentialIssuerOf(deps.base, certificate),
    },
  }
  const exchange = new AbortController()
  const either = AbortSignal.any([signal, exchange.signal])
  try {
    const signer = await pageSigner(deps, { batch, certificate, ...work }, either)
    const progress = await signPages(deps, { batch, signer, ...work }, signal)
    if (progress !== undefined) await finish(deps, { batch, certificate, progress })
  } catch (error) {
    const failure = failureOf(error)
    if (failure === undefined) throw error
    await fail(deps, batch, failure)
  } finally {
    exchange.abort()
  }
}

type ReleaseWork = {
  readonly batch: Batch
  readonly range: LicenceRange
  readonly rebuild: RebuildDeps
}

const pageSigner = async (
  { custodySigner, requestSignatures, signatures }: StockDeps,
  { batch, certificate, range, rebuild }: ReleaseWork & { certificate: SigningCertificate },
  signal: AbortSignal,
): Promise<PageSigner> => {
  const { signerUrl, keyCustody, certificateId } = certificate
  if (keyCustody === 'gateway') {
    const signer = custodySigner(certificateId)
    if (signer === undefined) throw new ReleaseFailure('certificate_missing')
    return custodyPageSigner(signer)
  }
  if (signerUrl === null || batch.releaseOrder === null) {
    throw new ReleaseFailure('certificate_missing')
  }
  const rows = rowsToSign(rebuild, range)
  const answer = requestSignatures(signerUrl, { order: batch.releaseOrder }, rows, signal)
  return departmentPageSigner(certificate, answer, {
    skip: batch.progress?.frontier.size ?? 0,
    signatures,
  })
}

/** A reason to fail the batch, on its way to where that is done. */
class ReleaseFailure extends Error {
  override readonly name = 'ReleaseFailure'
  readonly failure: BatchFailure

  constructor(failure: BatchFailure) {
    super(failure)
    this.failure = failure
  }
}

const failureOf = (error: unknown): BatchFailure | undefined => {
  if (error instanceof ReleaseFailure) return error.failure
  if (error instanceof SignerRefusedError) return 'signer_refused'
  return error instanceof WrongSignatureError ? 'signature_wrong' : undefined
}

/** Answers undefined when it was told to stop. */
const signPages = async (
  deps: StockDeps,
  { batch, signer, range, rebuild }: ReleaseWork & { readonly signer: PageSigner },
  signal: AbortSignal,
): Promise<BatchProgress | undefined> => {
  let progress = batch.progress ?? startOfWork
  for (;;) {
    if (signal.aborted) return undefined
    const page = await rebuildPage(rebuild, range, progress.lastLicenceId)
    if (page.length === 0) break
    const [signatures, supersessions] = await Promise.all([
      signer.sign(page),
      inPageTransaction(deps.store, (tx) => findSupersessions(tx, batch.batchId, page)),
    ])
    let frontier = loadFrontier(progress.frontier)
    for (const { signingInput } of page) {
      frontier = appendEntry(
        frontier,
        Buffer.from(signingInput, 'ascii'),
        rebuild.issuer.digestName,
      )
    }
    progress = {
      ...progress,
      page: progress.page + 1,
      lastLicenceId: page.at(-1)?.licence.claims.licenceId ?? null,
      frontier: storeFrontier(frontier),
    }
    await commitSignedPage(deps, batch.batchId, {
      supersessions,
      progress,
      signatures: page.flatMap(({ licence }, at) => {
        const signature = signatures[at]
        return signature === undefined ? [] : [{ licenceId: licence.claims.licenceId, signature }]
      }),
    })
  }
  await signer.end()
  return progress
}

const finish = async (
  deps: StockDeps,
  {
    batch,
    certificate,
    progress,
  }: {
    readonly batch: Batch
    readonly certificate: SigningCertificate
    readonly progress: BatchProgress
  },
): Promise<void> => {
  const root = frontierRoot(loadFrontier(progress.frontier), digestNameOf(certificate.alg))
  if (Buffer.compare(root, batch.root ?? new Uint8Array()) !== 0) {
    throw new ReleaseFailure('root_changed')
  }
  await inTransaction(deps.store, async (tx) => {
    await lockIssuer(tx, batch.issuerCode)
    if (!(await isCurrent(tx, batch.batchId, progress))) return
    const now = deps.clock.now()
    if (batch.format === 'resign') await inheritStatuses(tx, batch.batchId)
    const superseded = await applySupersessions(tx, batch.batchId, now)
    await finishRelease(tx, batch.batchId, now)
    await deps.fileEvent(tx, {
      action: 'batch.released',
      decision: 'allowed',
      detail: {
        batchId: batch.batchId,
        issuerCode: batch.issuerCode,
        root: encodeBase64Url(root),
        rows: progress.frontier.size,
        superseded,
        certificateId: certificate.certificateId,
        keyCustody: certificate.keyCustody,
      },
    })
  })
}

const isCurrent = async (tx: Tx, batchId: BatchId, progress: BatchProgress): Promise<boolean> => {
  const batch = await lockBatch(tx, batchId)
  return batch?.state === 'releasing' && batch.progress?.page === progress.page
}

const fail = (deps: StockDeps, { batchId }: Batch, failure: BatchFailure): Promise<void> =>
  inTransaction(deps.store, async (tx) => {
    if (!(await failBatch(tx, { batchId, state: 'releasing' }, failure))) return
    await deps.fileEvent(tx, {
      action: 'batch.failed',
      decision: 'denied',
      detail: { batchId, failure },
    })
  })
