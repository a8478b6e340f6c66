import type { Candidate } from './rounds.ts'

/**
 * Work in this process, `count` times a round, by the CPU time of all its threads. Work that answers
 * false went wrong: a figure must not come from an answer that is not right.
 */
export const ownProcessCandidate = (
  name: string,
  count: number,
  work: (at: number) => boolean | Promise<boolean>,
): Candidate => ({
  name,
  run: async () => {
    const before = process.cpuUsage()
    const start = performance.now()
    for (let at = 0; at < count; at++) {
      const answer = work(at)
      if (!(typeof answer === 'boolean' ? answer : await answer))
        throw new Error(`${name} went wrong`)
    }
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(before)
    return { operations: count, seconds, cpuUs: { process: user + system } }
  },
})
