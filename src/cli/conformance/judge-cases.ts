import type { ChildProcess } from 'node:child_process'
import { on } from 'node:events'
import type { CaseResult } from '../../verification/conformance/suite.ts'
import { cpuUsOf } from '../bench/process-cpu.ts'
import { caseMessage, type CaseMessage } from './case-message.ts'

export type CaseLimits = {
  /** CPU time a case may use; beyond it there is no answer. */
  readonly cpuMs: number
  /** For a case that waits for something which never comes. */
  readonly wallMs: number
}

/** The process ended before its first case; it has said why. */
export class SuiteUnreadable extends Error {
  override readonly name = 'SuiteUnreadable'
  constructor() {
    super('the suite cannot be read')
  }
}

/** Starts a process that judges the cases after the first `from`. */
export type StartCases = (from: number) => ChildProcess

/**
 * Judges the cases of a suite in a process of their own. A case that uses up its time, or ends the
 * process, has no answer; the next process goes on behind it.
 * @throws SuiteUnreadable when a process ends before its first case: the file cannot be read
 */
export async function* judgeCases(
  start: StartCases,
  limits: CaseLimits,
): AsyncGenerator<CaseResult, void, undefined> {
  let judged = 0
  for (;;) {
    const child = start(judged)
    const watch = watchCases(child, limits)
    try {
      for await (const message of messagesOf(child)) {
        if (message.kind === 'done') return
        if (message.kind === 'begins') await watch.begin(message)
        else {
          watch.end()
          judged++
          yield message.result
        }
      }
      const lost = watch.lost()
      if (lost === undefined) throw new SuiteUnreadable()
      judged++
      yield lost
    } finally {
      watch.stop()
      child.kill('SIGKILL')
    }
  }
}

type Begun = Pick<CaseResult, 'id' | 'expected'>

type Watch = {
  readonly begin: (item: Begun) => Promise<void>
  readonly end: () => void
  /** The case that was never answered, undefined where none had begun. */
  readonly lost: () => CaseResult | undefined
  readonly stop: () => void
}

const lookEveryMs = 50

/** Ends the process when the case in hand has used up its time. */
const watchCases = (child: ChildProcess, limits: CaseLimits): Watch => {
  const cpuNow = async (): Promise<number> => (await cpuUsOf([child.pid ?? 0])) / 1000
  let current: (Begun & { readonly cpuAt: number; readonly at: number }) | undefined
  let usedMs = 0
  const look = async (): Promise<void> => {
    const looked = current
    if (looked === undefined) return
    const used = (await cpuNow()) - looked.cpuAt
    if (current !== looked) return
    usedMs = Math.max(usedMs, used)
    const isOver = used > limits.cpuMs || performance.now() - looked.at > limits.wallMs
    if (isOver) child.kill('SIGKILL')
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  return {
    begin: async (item) => {
      usedMs = 0
      current = { ...item, cpuAt: await cpuNow(), at: performance.now() }
    },
    end: () => {
      current = undefined
    },
    lost: () =>
      current && { id: current.id, expected: current.expected, got: 'none', cpuMs: usedMs },
    stop: () => {
      clearInterval(timer)
    },
  }
}

/** All messages, those too that came before the process ended. */
async function* messagesOf(child: ChildProcess): AsyncGenerator<CaseMessage, void, undefined> {
  const events = on(child, 'message', { close: ['disconnect'] })
  for await (const [message] of events) yield caseMessage.parse(message)
}
