import type { PoolClient } from 'pg'
import type { BatchId } from '../contract/ids.ts'
import { copyLicences, copySignatures, type NewSignature } from '../licences/copy-licences-store.ts'
import { copyRows } from '../licences/copy-rows-store.ts'
import { copyUuid } from '../licences/copy-value.ts'
import type { NewLicence } from '../licences/new-licence.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Store } from '../store/open-store.ts'
import type { BatchProgress, BatchState } from './batch.ts'
import { copyResigned } from './resign-store.ts'
import { copyFindings, type PlacedFinding } from './finding-store.ts'

/** Another worker went on with the batch, or its state changed: this one has to stop. */
export class LostBatchError extends Error {
  override readonly name = 'LostBatchError'
}

type PageStore = { readonly store: Pick<Store, 'pool'>; readonly keys: Pick<DataKeys, 'seal'> }

/** Commits what one block of pushed lines became. @throws LostBatchError */
export const commitValidatedPage = (
  { store, keys }: PageStore,
  batchId: BatchId,
  page: {
    readonly licences: readonly NewLicence[]
    readonly findings: readonly PlacedFinding[]
    readonly progress: BatchProgress
  },
): Promise<void> =>
  inClientTransaction(store, async (client) => {
    await addLicences(client, batchId, page)
    await copyFindings(client, keys, batchId, page.findings)
  })

/** Commits the new credentials of one page of licences in force. @throws LostBatchError */
export const commitResignedPage = (
  { store }: Pick<PageStore, 'store'>,
  batchId: BatchId,
  page: {
    readonly licences: readonly NewLicence[]
    readonly resigned: Parameters<typeof copyResigned>[2]
    readonly progress: BatchProgress
  },
): Promise<void> =>
  inClientTransaction(store, async (client) => {
    await addLicences(client, batchId, page)
    await copyResigned(client, batchId, page.resigned)
  })

const addLicences = async (
  client: PoolClient,
  batchId: BatchId,
  page: { readonly licences: readonly NewLicence[]; readonly progress: BatchProgress },
): Promise<void> => {
  await advance(client, batchId, 'validating', page.progress)
  const first = page.licences[0]?.claims.licenceId
  if (first !== undefined) {
    await client.query(
      `update batch set first_licence_id = coalesce(first_licence_id, $2), last_licence_id = $3
       where batch_id = $1`,
      [batchId, first, page.progress.lastLicenceId],
    )
  }
  await copyLicences(client, page.licences)
}

export type Supersession = { readonly licenceId: string; readonly successorId: string }

/** Commits the signatures of one page of licences. @throws LostBatchError */
export const commitSignedPage = (
  { store }: Pick<PageStore, 'store'>,
  batchId: BatchId,
  page: {
    readonly signatures: readonly NewSignature[]
    readonly supersessions: readonly Supersession[]
    readonly progress: BatchProgress
  },
): Promise<void> =>
  inClientTransaction(store, async (client) => {
    await advance(client, batchId, 'releasing', page.progress)
    await copySignatures(client, page.signatures)
    await copyRows(
      client,
      'batch_supersession',
      ['batch_id', 'licence_id', 'successor_id'],
      page.supersessions.map(({ licenceId, successorId }) => [
        copyUuid(batchId),
        copyUuid(licenceId),
        copyUuid(successorId),
      ]),
    )
  })

/** Moves on only from the page before, so that no page is ever committed twice. */
const advance = async (
  client: PoolClient,
  batchId: BatchId,
  state: BatchState,
  progress: BatchProgress,
): Promise<void> => {
  const { rowCount } = await client.query(
    `update batch set progress = $3
     where batch_id = $1 and state = $2 and coalesce((progress ->> 'page')::integer, 0) = $4`,
    [batchId, state, JSON.stringify(progress), progress.page - 1],
  )
  if (rowCount !== 1) throw new LostBatchError('the batch went on without this worker')
}

/** One transaction on a connection of its own, as COPY needs. */
const inClientTransaction = async (
  store: Pick<Store, 'pool'>,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> => {
  const client = await store.pool.connect()
  let broken = true
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
    broken = false
  } finally {
    // A connection in an unknown state is closed; the server rolls its transaction back.
    client.release(broken)
  }
}
