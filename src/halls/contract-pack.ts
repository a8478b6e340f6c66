import { inspect } from 'node:util'
import { contractChecks } from './contract-checks.ts'
import type { FindOutcome, HallQuery } from './hall-contract.ts'
import type { ContractCheck, PackDeps, PackSubject } from './pack-subject.ts'

export type PackReport = {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly checks: readonly {
    readonly name: string
    readonly problem: string | undefined
    readonly tookMs: number
  }[]
}

/**
 * Runs the contract suite against an adapter and its simulator: outcomes, holder mismatch, deadlines,
 * cancellation, malformed input, recovery, secrets, leftovers.
 */
export const runContractPack = async (
  subject: PackSubject,
  deps: PackDeps,
): Promise<PackReport> => {
  const checks: PackReport['checks'][number][] = []
  for (const check of contractChecks) {
    await subject.tell('up')
    const startedMs = deps.elapsedMs()
    const problem = await runCheck(check, subject, deps)
    checks.push({ name: check.name, problem, tookMs: Math.round(deps.elapsedMs() - startedMs) })
  }
  await subject.tell('up')
  const failed = checks.filter(({ problem }) => problem !== undefined).length
  return { name: subject.name, passed: checks.length - failed, failed, checks }
}

const runCheck = async (
  check: ContractCheck,
  subject: PackSubject,
  deps: PackDeps,
): Promise<string | undefined> => {
  const adapter = await subject.open()
  const seen: unknown[] = []
  const find = async (query: HallQuery, waitMs = 5_000): Promise<FindOutcome> => {
    const outcome = await adapter.find(query, subject.context(AbortSignal.timeout(waitMs)))
    seen.push(outcome)
    return outcome
  }
  try {
    const problem = await check.run({ subject, adapter, deps, find })
    return problem ?? leakIn(subject, seen)
  } catch (error) {
    return `threw ${error instanceof Error ? error.name : 'something'}`
  } finally {
    await adapter.close()
  }
}

/** No outcome shows a secret, and no failure shows who was asked for. */
const leakIn = (
  { secrets, present }: PackSubject,
  seen: readonly unknown[],
): string | undefined => {
  const all = inspect(seen, { depth: 10, maxStringLength: null, maxArrayLength: null })
  if (secrets.some((secret) => all.includes(secret))) return 'an outcome shows a secret'
  const failures = seen.filter((outcome) => isFailure(outcome))
  const shown = inspect(failures, { depth: 10 })
  const personal = [present.holder.id, present.holder.name]
  return personal.some((text) => shown.includes(text)) ? 'a failure shows the holder' : undefined
}

const isFailure = (outcome: unknown): boolean =>
  typeof outcome === 'object' &&
  outcome !== null &&
  'state' in outcome &&
  outcome.state === 'failed'

/** The report as lines to print. */
export const formatPackReport = ({
  name,
  passed,
  failed,
  checks,
}: PackReport): readonly string[] => [
  `${name}: ${String(passed)} of ${String(passed + failed)} passed`,
  ...checks.map(({ name: check, problem, tookMs }) =>
    problem === undefined
      ? `  ok    ${check} (${String(tookMs)} ms)`
      : `  FAIL  ${check}: ${problem}`,
  ),
]
