/** What a problem's page says besides its title. Chinese first, for clerks' technicians. */
export type ProblemPageText = {
  /** Who has to act: the calling system, the gateway's operator, or the department behind a hall. */
  readonly side: 'client' | 'gateway' | 'hall'
  readonly happenedZh: string
  /** What to do, step by step. */
  readonly stepsZh: readonly string[]
  readonly english: string
}

export const clientSide = (
  happenedZh: string,
  stepsZh: readonly string[],
  english: string,
): ProblemPageText => ({ side: 'client', happenedZh, stepsZh, english })

export const gatewaySide = (
  happenedZh: string,
  stepsZh: readonly string[],
  english: string,
): ProblemPageText => ({ side: 'gateway', happenedZh, stepsZh, english })

export const hallSide = (
  happenedZh: string,
  stepsZh: readonly string[],
  english: string,
): ProblemPageText => ({ side: 'hall', happenedZh, stepsZh, english })
