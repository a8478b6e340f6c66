import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer } from '../contract/endpoint.ts'
import type { StockDb } from './batch-store.ts'
import { listProgress } from './declaration-store.ts'

export const progressData = z.object({
  types: z.array(
    z.object({
      issuerCode: z.string(),
      typeCode: z.string(),
      /** The department's own count, and the day of it. */
      declared: z.int(),
      asOf: z.string(),
      loaded: z.int(),
      /** loaded / declared, at most 100, cut to one decimal; null where nothing is declared. */
      percent: z.number().nullable(),
    }),
  ),
})

export type ProgressDeps = {
  /** Credit codes of the departments for which people of an organisation may act. */
  readonly issuersOf: (organisationId: string) => Promise<readonly string[]>
}

/** How far the stock load has come: a steward sees the own departments, supervision and audit all. */
export const showProgress = async (
  { issuersOf }: ProgressDeps,
  db: StockDb,
  caller: Caller,
): Promise<Answer> => {
  const seesAll = caller.roles.includes('V') || caller.roles.includes('A')
  const issuers = seesAll ? undefined : await issuersOf(caller.organisationId)
  const types = await listProgress(db, issuers)
  return {
    status: 200,
    data: { types: types.map((type) => ({ ...type, percent: percentOf(type) })) },
    deed: { action: 'stock.progress', decision: 'allowed' },
  }
}

/** Never rounded up: 100 means all. */
const percentOf = ({ declared, loaded }: { readonly declared: number; readonly loaded: number }) =>
  declared === 0 ? null : Math.min(100, Math.floor((loaded / declared) * 1000) / 10)
