import { copyLicences, copySignatures } from '../../licences/copy-licences-store.ts'
import type { NewLicence } from '../../licences/new-licence.ts'
import type { Store } from '../../store/open-store.ts'

export type SignedLicence = { readonly licence: NewLicence; readonly signature: Uint8Array }

/** Adds signed licences in a batch of their own that is released. */
export const addReleasedBatch = async (
  { pool }: Pick<Store, 'pool'>,
  batch: { readonly batchId: string; readonly issuerCode: string; readonly now: Date },
  signed: readonly SignedLicence[],
): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into batch (batch_id, issuer_code, format, expected_rows, expected_chunks, state,
         created_at, released_at)
       values ($1, $2, 'ndjson', $3, 1, 'released', $4, $4)`,
      [batch.batchId, batch.issuerCode, signed.length, batch.now],
    )
    await copyLicences(
      client,
      signed.map(({ licence }) => licence),
    )
    await copySignatures(
      client,
      signed.map(({ licence, signature }) => ({ licenceId: licence.claims.licenceId, signature })),
    )
    await client.query('commit')
  } finally {
    client.release()
  }
}
