import type { NewLicence } from '../licences/new-licence.ts'
import { makeLicence } from '../licences/new-licence.ts'
import { contentOf } from '../licences/licence-content.ts'
import { openSecretPart } from '../licences/secret-part.ts'
import { findSigningCertificate } from '../licences/signing-certificate-store.ts'
import { credentialIssuerOf } from '../licences/signing-certificate.ts'
import type { CredentialIssuer } from '../licences/credential.ts'
import { appendEntry, type Frontier } from '../crypto/merkle.ts'
import { inTransaction } from '../store/in-transaction.ts'
import { type Batch, type BatchProgress, startOfWork } from './batch.ts'
import { failBatch } from './batch-store.ts'
import { endValidation } from './end-validation.ts'
import { newLicenceIds } from './new-licence-ids.ts'
import { commitResignedPage } from './page-store.ts'
import { listResignSources, type ResignSource } from './resign-store.ts'
import { purgeBatch } from './purge-batch.ts'
import type { StockDeps } from './stock-deps.ts'
import { loadFrontier, storeFrontier } from './stored-frontier.ts'

const pageRows = 250
const beforeAll = '00000000-0000-0000-0000-000000000000'

/**
 * Fills a re-signing batch from the stock, from wherever an earlier run stopped: for each licence in force
 * under an older certificate the same content, fixed anew under the present one. Nothing changes before
 * the batch is released.
 */
export const fillResign = async (
  deps: StockDeps,
  batch: Batch,
  signal: AbortSignal,
): Promise<void> => {
  const { store, base } = deps
  const certificate = await findSigningCertificate(store.db, batch.certificateId ?? '')
  if (certificate === undefined) {
    await inTransaction(store, (tx) => failBatch(tx, batch, 'certificate_missing'))
    return
  }
  if (batch.progress === null) await purgeBatch(deps, batch)
  const wanted = { issuerCode: batch.issuerCode, certificateId: certificate.certificateId }
  const issuer = credentialIssuerOf(base, certificate)
  let progress = batch.progress ?? startOfWork
  for (;;) {
    if (signal.aborted) return
    const after = progress.lastSourceId ?? beforeAll
    const sources = await listResignSources(store.db, wanted, after, pageRows)
    if (sources.length === 0) break
    const page = makeResigned(deps, { batch, issuer, ...wanted }, { sources, before: progress })
    await commitResignedPage(deps, batch.batchId, page)
    progress = page.progress
  }
  await endValidation(deps, batch.batchId, { progress, digestName: issuer.digestName })
}

type Origin = {
  readonly batch: Batch
  readonly issuer: CredentialIssuer
  readonly certificateId: string
}

const grown = (frontier: Frontier, text: string, { digestName }: CredentialIssuer): Frontier =>
  appendEntry(frontier, Buffer.from(text, 'ascii'), digestName)

const makeResigned = (
  { keys, clock, randomBytes }: StockDeps,
  origin: Origin,
  {
    sources,
    before,
  }: { readonly sources: readonly ResignSource[]; readonly before: BatchProgress },
) => {
  const now = clock.now()
  const ids = newLicenceIds(sources.length, {
    nowMs: now.getTime(),
    after: before.lastLicenceId,
    random: randomBytes,
  })
  const licences: NewLicence[] = []
  let frontier = loadFrontier(before.frontier)
  for (const [at, source] of sources.entries()) {
    const { claims, certificateId, contentDigest, blob, keyId, ...stated } = source
    const row = { licenceId: claims.licenceId, version: claims.version, certificateId }
    const { disclosures, legacyAlias } = openSecretPart(keys, row, { blob, keyId })
    const licenceId = ids[at] ?? ''
    const made = makeLicence(
      { keys, random: randomBytes, issuer: origin.issuer },
      {
        ...stated,
        chunk: 1,
        line: before.counts.valid + at + 1,
        batchId: origin.batch.batchId,
        certificateId: origin.certificateId,
        claims: { ...claims, licenceId, iat: Math.floor(now.getTime() / 1000) },
        content: contentOf(disclosures),
        legacyAlias,
      },
    )
    // What its department pushed is the same: the same push again is nothing new.
    licences.push({ ...made.licence, contentDigest })
    frontier = grown(frontier, made.credential.signingInput, origin.issuer)
  }
  const progress: BatchProgress = {
    page: before.page + 1,
    block: null,
    lastLicenceId: licences.at(-1)?.claims.licenceId ?? before.lastLicenceId,
    lastSourceId: sources.at(-1)?.claims.licenceId ?? null,
    frontier: storeFrontier(frontier),
    counts: { ...before.counts, valid: before.counts.valid + licences.length },
  }
  const resigned = sources.flatMap(({ claims }, at) =>
    ids[at] === undefined ? [] : [{ licenceId: ids[at], sourceId: claims.licenceId }],
  )
  return { licences, resigned, progress }
}
