import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { OpenExchange } from './exchange.ts'
import type { HallAdapter, OpenAdapter } from './hall-contract.ts'
import type { HallSpec } from './hall-spec.ts'
import { SettingsError, type ReadSecret } from './secret.ts'

export type OpenHallsDeps = {
  /** Adapters by department. */
  readonly departments: ReadonlyMap<string, OpenAdapter>
  readonly readSecret: ReadSecret
  readonly openExchange: OpenExchange
  readonly digestName: DigestName
  readonly clock: Clock
  readonly random: RandomBytes
}

export type OpenHall = { readonly spec: HallSpec; readonly adapter: HallAdapter }

/** Every fault of every hall's configuration: start-up names them all at once. */
export class HallsError extends Error {
  override readonly name = 'HallsError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Opens the adapters of all configured halls.
 * @throws HallsError naming every hall that cannot be opened; those that could are closed again.
 */
export const openHalls = async (
  deps: OpenHallsDeps,
  specs: readonly HallSpec[],
): Promise<readonly OpenHall[]> => {
  const opened = await Promise.allSettled(specs.map((spec) => openHall(deps, spec)))
  const halls = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const problems = [
    ...opened.flatMap((result) => (result.status === 'rejected' ? problemsOf(result.reason) : [])),
    ...repeatedIds(specs),
  ]
  if (problems.length === 0) return halls
  await Promise.all(halls.map(({ adapter }) => adapter.close()))
  throw new HallsError(problems)
}

const openHall = async (
  { departments, ...setup }: OpenHallsDeps,
  spec: HallSpec,
): Promise<OpenHall> => {
  const open = departments.get(spec.department)
  if (open === undefined)
    throw new SettingsError(spec.hallId, [`no adapter for department ${spec.department}`])
  const { hallId, settings } = spec
  const adapter = await open({ ...setup, hallId, settings }).catch((error: unknown) => {
    throw withHall(hallId, error)
  })
  const isIdle = adapter.typeCodes.length === 0
  if (isIdle) await adapter.close()
  if (isIdle) throw new SettingsError(hallId, ['settings name no licence type of this department'])
  return { spec, adapter }
}

/** A secret or a certificate file that is missing is a fault of this hall's settings. */
const withHall = (hallId: string, error: unknown): SettingsError =>
  error instanceof SettingsError
    ? error
    : new SettingsError(hallId, [error instanceof Error ? error.message : 'unknown fault'])

const problemsOf = (reason: unknown): readonly string[] =>
  reason instanceof SettingsError
    ? reason.problems.map((problem) => `hall ${reason.hallId}: ${problem}`)
    : [reason instanceof Error ? reason.message : 'unknown fault']

const repeatedIds = (specs: readonly HallSpec[]): readonly string[] => {
  const ids = specs.map(({ hallId }) => hallId)
  return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `hall ${id} is there twice`)
}
