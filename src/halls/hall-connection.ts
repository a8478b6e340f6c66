import type { HallUnit } from './hall-unit.ts'
import { isInMaintenance, retryAtOf } from './hall-view.ts'

/** One connected hall, as far as a clerk's question depends on it. */
export type HallConnection = {
  readonly hallId: string
  readonly nameZh: string
  /** Set while no call is let through to it. */
  readonly away:
    | {
        readonly sourceState: 'down' | 'maintenance'
        readonly since: Date
        readonly retryAt: Date
      }
    | undefined
}

export const connectionOf = (unit: HallUnit): HallConnection => {
  const { hallId, nameZh } = unit.spec
  const retryAt = retryAtOf(unit)
  if (retryAt === undefined) return { hallId, nameZh, away: undefined }
  const sourceState = isInMaintenance(unit) ? 'maintenance' : 'down'
  return { hallId, nameZh, away: { sourceState, since: unit.record.notes().changedAt, retryAt } }
}
