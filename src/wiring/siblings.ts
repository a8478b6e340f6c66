export const questions = ['metrics', 'readiness'] as const
export type Question = (typeof questions)[number]

/** The other processes that share this one's port. */
export type Siblings = {
  /**
   * The answer of every other process that takes connections; null for one that did not answer in
   * time. They come from another process: parse them.
   */
  readonly ask: (question: Question) => Promise<readonly unknown[]>
  /** What this process answers the others; called once, before it takes connections. */
  readonly answerWith: (answers: Readonly<Record<Question, () => Promise<unknown>>>) => void
}
