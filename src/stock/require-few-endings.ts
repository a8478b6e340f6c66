import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import type { Batch } from './batch.ts'
import type { StockDb } from './batch-store.ts'
import { countEndedSince, countInForce } from './drop-guard-store.ts'

const endingShareMax = 0.01
const dayMs = 86_400_000

/**
 * Stops a release that, with those of the last 24 hours, would end more than one in a hundred of the
 * department's licences in force: many small batches count as one large one.
 * @throws GatewayError drop_guard
 */
export const requireFewEndings = async (
  clock: Clock,
  tx: StockDb,
  { counts, issuerCode }: Pick<Batch, 'counts' | 'issuerCode'>,
): Promise<void> => {
  const ending = counts?.ending ?? 0
  if (ending === 0) return
  const since = new Date(clock.now().getTime() - dayMs)
  const before = await countEndedSince(tx, issuerCode, since)
  const inForce = await countInForce(tx, issuerCode, clock.cityDate())
  if (ending + before <= (inForce + before) * endingShareMax) return
  const earlier = before === 0 ? '' : `,连同 24 小时内已放行的共 ${String(ending + before)} 份`
  throw new GatewayError(
    'drop_guard',
    `本批将使 ${String(ending)} 份现行证照失效${earlier},超过现行证照的百分之一,已拦下`,
  )
}
