import { pipeline } from 'node:stream/promises'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Store } from '../../store/open-store.ts'

/** A table of the shape, partitions and indexes of `licence`, and the rows of `licence` to fill it with. */
export const openCopyPeer = async ({ pool }: Pick<Store, 'pool'>): Promise<void> => {
  await pool.query(`create table if not exists bench_licence (like licence including all)
    partition by hash (licence_id)`)
  for (let part = 0; part < 8; part++)
    await pool.query(`create table if not exists bench_licence_${String(part)}
      partition of bench_licence for values with (modulus 8, remainder ${String(part)})`)
}

/** COPY of all rows, one transaction; the bytes are read out before the clock starts. */
export const copyAgain = async ({
  pool,
}: Pick<Store, 'pool'>): Promise<{ readonly rows: number; readonly seconds: number }> => {
  const client = await pool.connect()
  try {
    await client.query('truncate bench_licence')
    const chunks: Buffer[] = []
    const out = client.query(copyTo('copy licence to stdout (format binary)'))
    for await (const chunk of out) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    const startedAt = performance.now()
    const into = client.query(copyFrom('copy bench_licence from stdin (format binary)'))
    await pipeline(chunks, into)
    const seconds = (performance.now() - startedAt) / 1000
    const { rows } = await client.query<{ count: number }>(
      'select count(*) as count from bench_licence',
    )
    return { rows: rows[0]?.count ?? 0, seconds }
  } finally {
    client.release()
  }
}
