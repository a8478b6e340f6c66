import type { FiledActs } from '../http/operator-quota.ts'
import { defaultHttpLimits } from '../http/limits.ts'
import { countNodes, countOperatorActs, type OperatorActs } from '../ledger/operator-acts-store.ts'
import { gatherReads } from '../store/gather-reads.ts'
import type { House } from './house.ts'

/** What the operations of `operatorOperations` (http/limits.ts) are called in the ledger. */
const limitedActions = ['case.check', 'licence.search'] as const
const nodesReadEveryMs = 5000

/**
 * Operators' acts that this process has not counted itself: other nodes' as long as there are any, and
 * those of before its start for as long as their window lasts.
 */
export const filedActsOf = ({
  store: { db },
  clock,
  ledger,
}: Pick<House, 'store' | 'clock' | 'ledger'>): FiledActs => {
  const startedAt = clock.now()
  const nodes = { many: false, readAtMs: Number.NEGATIVE_INFINITY }
  const readNodes = async (nowMs: number): Promise<void> => {
    nodes.readAtMs = nowMs
    nodes.many = (await countNodes(db)) > 1
  }
  const countOne = gatherReads((wanted: readonly OperatorActs[]) => {
    const { origin } = ledger.health()
    return countOperatorActs(db, { actions: limitedActions, origin, startedAt }, wanted)
  })
  return {
    count: (operator, since) => countOne({ ...operator, since }),
    mayBeElsewhere: () => {
      const nowMs = clock.now().getTime()
      // A failure leaves what was known; whoever then counts meets the database's error.
      if (nowMs - nodes.readAtMs >= nodesReadEveryMs) readNodes(nowMs).catch(() => undefined)
      return nodes.many || nowMs - startedAt.getTime() < defaultHttpLimits.operatorWindowMs
    },
    grow: () => nodes.many,
  }
}
