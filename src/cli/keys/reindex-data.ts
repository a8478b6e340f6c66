import { reindexLicences } from '../../licences/reindex-licences-store.ts'
import type { DataKeys } from '../../store/data-keys.ts'
import { inTransaction, type Tx } from '../../store/in-transaction.ts'
import type { Store } from '../../store/open-store.ts'
import {
  countByKey,
  type Cursor,
  type MovedPage,
  type Resealing,
  resealRows,
} from '../../store/reseal-rows-store.ts'
import { dataKeyColumns, sealedColumns } from '../../wiring/data-key-columns.ts'

export type Reindexing = {
  readonly store: Pick<Store, 'db'>
  readonly keys: DataKeys
  readonly fromKeyId: string
  readonly rowsMax: number
  /** Called before each page: throws when the work must not go on. */
  readonly requireAlone: () => void
  readonly onPage: (moved: number) => void
}

/**
 * Moves every row under the current key, a page a transaction: whatever was moved when it is interrupted
 * stays moved, and the next run goes on with the rest.
 * @returns how many rows it moved
 */
export const reindexData = async (reindexing: Reindexing): Promise<number> => {
  const { keys, fromKeyId, rowsMax } = reindexing
  const resealing: Resealing & { readonly keys: DataKeys } = { keys, fromKeyId, rowsMax }
  let moved = await movePages(reindexing, (tx, after) => reindexLicences(tx, resealing, after))
  for (const column of sealedColumns)
    moved += await movePages(reindexing, (tx, after) => resealRows(tx, column, resealing, after))
  return moved
}

const movePages = async (
  { store, requireAlone, onPage }: Reindexing,
  movePage: (tx: Tx, after: Cursor | undefined) => Promise<MovedPage>,
): Promise<number> => {
  let moved = 0
  let after: Cursor | undefined
  do {
    requireAlone()
    const from = after
    const page = await inTransaction(store, (tx) => movePage(tx, from))
    moved += page.moved
    after = page.next
    if (page.moved > 0) onPage(page.moved)
  } while (after !== undefined)
  return moved
}

/** Rows of each table under each key. */
export type KeyUse = Readonly<Record<string, Readonly<Record<string, number>>>>

export const countKeyUse = async (store: Pick<Store, 'db'>): Promise<KeyUse> => {
  const use: Record<string, Record<string, number>> = {}
  for (const column of dataKeyColumns)
    for (const [keyId, rows] of await countByKey(store.db, column)) {
      const tables = (use[keyId] ??= {})
      tables[column.table] = (tables[column.table] ?? 0) + rows
    }
  return use
}

export const rowsUnder = (use: KeyUse, keyId: string): number =>
  Object.values(use[keyId] ?? {}).reduce((sum, rows) => sum + rows, 0)
