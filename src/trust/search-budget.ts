/**
 * What one validation may cost. Signature checks are weighed by their algorithm (1 ≈ one ECDSA P-256
 * verification); `cpuMs` works only where the caller hands in a CPU clock.
 */
export type BudgetLimits = {
  readonly steps: number
  readonly signatures: number
  readonly nameComparisons: number
  readonly paths: number
  readonly cpuMs: number
}

export const defaultBudget: BudgetLimits = {
  steps: 20_000,
  signatures: 2_000,
  nameComparisons: 250_000,
  paths: 200,
  cpuMs: 800,
}

/** Thrown inside the validator only; it ends as the finding `budget_exceeded`. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'
}

export type Budget = {
  /** @throws BudgetExceeded when the kind is used up, or the CPU time is. */
  readonly spend: (kind: Exclude<keyof BudgetLimits, 'cpuMs'>, amount: number) => void
}

/** A fresh budget. `cpuNow` answers milliseconds of CPU time used by this process. */
export const openBudget = (limits: BudgetLimits, cpuNow?: () => number): Budget => {
  const left = { ...limits }
  const startedAt = cpuNow?.() ?? 0
  return {
    spend: (kind, amount) => {
      left[kind] -= amount
      if (left[kind] < 0) throw new BudgetExceeded(kind)
      if (cpuNow !== undefined && cpuNow() - startedAt > limits.cpuMs) {
        throw new BudgetExceeded('cpuMs')
      }
    },
  }
}
