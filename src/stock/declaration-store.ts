import { sql } from 'kysely'
import { z } from 'zod'
import type { StockDb } from './batch-store.ts'

export type Declaration = {
  readonly declarationId: string
  readonly issuerCode: string
  readonly typeCode: string
  readonly rows: number
  readonly asOf: string
  readonly declaredBy: string
  readonly createdAt: Date
}

export const insertDeclaration = async (tx: StockDb, declared: Declaration): Promise<void> => {
  await tx
    .insertInto('declaration')
    .values({
      declaration_id: declared.declarationId,
      issuer_code: declared.issuerCode,
      type_code: declared.typeCode,
      rows: String(declared.rows),
      as_of: declared.asOf,
      declared_by: declared.declaredBy,
      created_at: declared.createdAt,
    })
    .execute()
}

export type Progress = {
  readonly issuerCode: string
  readonly typeCode: string
  readonly declared: number
  readonly asOf: string
  /** Distinct versions that are released; what was re-signed counts once. */
  readonly loaded: number
}

/** The newest declaration of each type with what is released of it. Reads the issuers' whole stock. */
export const listProgress = async (
  db: StockDb,
  issuerCodes: readonly string[] | undefined,
): Promise<readonly Progress[]> => {
  const wanted = issuerCodes === undefined ? null : [...issuerCodes]
  const { rows } = await sql`
    with newest as (
      select distinct on (issuer_code, type_code) issuer_code, type_code, rows, as_of
      from declaration
      where ${wanted}::text[] is null or issuer_code = any (${wanted}::text[])
      order by issuer_code, type_code, created_at desc, declaration_id desc
    ), loaded as (
      select l.issuer_code, l.type_code, count(*) as n
      from licence l join batch b on b.batch_id = l.batch_id and b.state = 'released'
      where l.issuer_code in (select issuer_code from newest) and b.format <> 'resign'
      group by l.issuer_code, l.type_code
    )
    select newest.*, coalesce(loaded.n, 0) as loaded
    from newest left join loaded using (issuer_code, type_code)
    order by newest.issuer_code, newest.type_code
    limit 2000`.execute(db)
  return rows.map((row) => {
    const found = progressRow.parse(row)
    return {
      issuerCode: found.issuer_code,
      typeCode: found.type_code,
      declared: found.rows,
      asOf: found.as_of,
      loaded: found.loaded,
    }
  })
}

const progressRow = z.object({
  issuer_code: z.string(),
  type_code: z.string(),
  rows: z.coerce.number(),
  as_of: z.string(),
  loaded: z.coerce.number(),
})
