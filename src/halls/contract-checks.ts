import { setTimeout as sleep } from 'node:timers/promises'
import type { FindOutcome } from './hall-contract.ts'
import type { ContractCheck, PackBench } from './pack-subject.ts'

const describe = (outcome: FindOutcome | { readonly state: string }): string =>
  'cause' in outcome ? `${outcome.state} ${outcome.kind} ${outcome.cause}` : outcome.state

const expectFailed = (outcome: FindOutcome, kind: string): string | undefined =>
  outcome.state === 'failed' && outcome.kind === kind
    ? undefined
    : `expected ${kind}, got ${describe(outcome)}`

/** A cause is a code: it has no room for a name or a number of a person. */
const causeForm = /^[a-z0-9_:]{1,60}$/

/** Every guarantee of the contract, in the order in which they are reported. */
export const contractChecks: readonly ContractCheck[] = [
  {
    name: 'finds what is there, in our words, with time and digest of the answer',
    run: async ({ find, subject }) => {
      const outcome = await find(subject.present)
      if (outcome.state !== 'found') return `expected found, got ${describe(outcome)}`
      const licence = outcome.candidates[0]?.licence
      if (licence === undefined) return undefined
      if (!/^(sha-256|sm3):[\w-]{43}$/.test(licence.rawDigest)) return 'rawDigest is no digest'
      if (!/\+08:00$/.test(licence.asOf)) return 'asOf is no time'
      const days = [licence.issuedAt, licence.validFrom, licence.validTo ?? licence.issuedAt]
      return days.every((day) => /^\d{4}-\d{2}-\d{2}$/.test(day)) ? undefined : 'a date is no day'
    },
  },
  {
    name: 'fetches a finding by its reference, and none by another',
    run: async ({ find, adapter, subject }) => {
      const outcome = await find(subject.present)
      if (outcome.state !== 'found') return `expected found, got ${describe(outcome)}`
      const ctx = subject.context(AbortSignal.timeout(5_000))
      const fetched = await adapter.fetch(outcome.candidates[0]?.ref ?? '', subject.present, ctx)
      if (fetched.state !== 'licence') return `expected licence, got ${describe(fetched)}`
      const other = await adapter.fetch('no such reference', subject.present, ctx)
      return other.state === 'none' ? undefined : `expected none, got ${describe(other)}`
    },
  },
  {
    name: 'says none where nothing is held',
    run: async ({ find, subject }) => {
      const outcome = await find(subject.absent)
      return outcome.state === 'none' && outcome.because === 'absent'
        ? undefined
        : `expected none, got ${describe(outcome)}`
    },
  },
  {
    name: 'discloses nothing when the holder’s name differs',
    run: async ({ find, subject }) => {
      const outcome = await find(subject.misnamed)
      if (outcome.state !== 'none' || outcome.because !== 'name_differs')
        return `expected name_differs, got ${describe(outcome)}`
      return Object.keys(outcome).length === 2 ? undefined : 'the outcome says more than that'
    },
  },
  {
    name: 'refuses a type that the hall does not have',
    run: async ({ find, subject }) => {
      const outcome = await find({ ...subject.present, typeCode: '0'.repeat(21) })
      return expectFailed(outcome, 'rejected')
    },
  },
  {
    name: 'ends at the deadline when the hall is silent',
    run: async ({ find, subject, deps }) => {
      await subject.tell('hang')
      const startedMs = deps.elapsedMs()
      const outcome = await find(subject.present, 400)
      const lateMs = deps.elapsedMs() - startedMs - 400
      return lateMs > 250
        ? `${String(Math.round(lateMs))} ms late`
        : expectFailed(outcome, 'timeout')
    },
  },
  {
    name: 'sends nothing when the deadline has passed already',
    run: async ({ adapter, subject }) => {
      const before = JSON.stringify(await subject.calls())
      const outcome = await adapter.find(subject.present, subject.context(AbortSignal.abort()))
      const after = JSON.stringify(await subject.calls())
      return before === after ? expectFailed(outcome, 'timeout') : 'something reached the hall'
    },
  },
  {
    name: 'answers every garbled message with a kind and a cause without data',
    run: async (bench) => runForms(bench, bench.subject.fatal, fatalProblem),
  },
  {
    name: 'bears the habits that do not spoil an answer',
    run: async (bench) =>
      runForms(bench, bench.subject.bearable, (outcome) =>
        outcome.state === 'found' ? undefined : `got ${describe(outcome)}`,
      ),
  },
  {
    name: 'is unreachable while the hall is down and finds again afterwards',
    run: async ({ find, subject }) => {
      await subject.tell('down')
      const down = expectFailed(await find(subject.present), 'unreachable')
      await subject.tell('up')
      const again = await find(subject.present)
      return down ?? (again.state === 'found' ? undefined : `afterwards ${describe(again)}`)
    },
  },
  {
    name: 'says busy or maintenance when the hall does',
    run: async ({ find, subject }) => {
      await subject.tell('refuse', { status: 503 })
      const busy = expectFailed(await find(subject.present), 'busy')
      await subject.tell('maintenance')
      return busy ?? expectFailed(await find(subject.present), 'maintenance')
    },
  },
  {
    name: 'answers twenty questions at once, each with its own answer',
    run: async ({ find, subject }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          find(at % 2 === 0 ? subject.present : subject.absent, 8_000),
        ),
      )
      const wrong = outcomes.find(({ state }, at) => state !== (at % 2 === 0 ? 'found' : 'none'))
      return wrong && `one got ${describe(wrong)}`
    },
  },
  {
    name: 'probes, and reads the hall’s own business',
    run: async ({ adapter }) => {
      const probe = await adapter.probe(AbortSignal.timeout(5_000))
      if (probe.state !== 'up') return `probe: ${describe(probe)}`
      const feed = await adapter.feed(new Date(0), AbortSignal.timeout(5_000))
      if (feed.state !== 'business') return `feed: ${describe(feed)}`
      const { accepted, finished, overdue, queues } = feed.business
      const counts = [accepted, finished, overdue, ...queues.map(({ length }) => length)]
      return counts.every((count) => Number.isSafeInteger(count) && count >= 0)
        ? undefined
        : 'a count is no count'
    },
  },
  {
    name: 'names every fault of its settings and repeats no value of them',
    run: async ({ subject }) => {
      const value = 'value-that-must-not-be-repeated'
      const opening = await subject.openWith({ unknown: value }).then(
        async (adapter) => {
          await adapter.close()
          return 'wrong settings were accepted'
        },
        (error: unknown) =>
          error instanceof Error && error.name === 'SettingsError' && !error.message.includes(value)
            ? undefined
            : 'wrong settings were refused, but not as they should be',
      )
      return opening
    },
  },
  {
    name: 'leaves no timer, socket or listener behind once closed',
    run: async ({ subject, deps }) => {
      const adapter = await subject.open()
      await sleep(50)
      const before = countKinds(deps.activeResources())
      const other = await subject.open()
      const ctx = (ms: number) => subject.context(AbortSignal.timeout(ms))
      await Promise.all(Array.from({ length: 5 }, () => other.find(subject.present, ctx(5_000))))
      await subject.tell('hang')
      await other.find(subject.present, ctx(200))
      await other.close()
      await subject.tell('up')
      await sleep(300)
      await adapter.close()
      return leftover(before, countKinds(deps.activeResources()))
    },
  },
]

type Judge = (outcome: FindOutcome) => string | undefined

const runForms = async (
  { find, subject }: PackBench,
  forms: readonly string[],
  judge: Judge,
): Promise<string | undefined> => {
  for (const form of forms) {
    await subject.tell('garble', { form })
    const problem = judge(await find(subject.present, 2_500))
    if (problem !== undefined) return `${form}: ${problem}`
  }
  return undefined
}

const fatalProblem: Judge = (outcome) => {
  if (outcome.state !== 'failed') return `got ${describe(outcome)}`
  return causeForm.test(outcome.cause) ? undefined : 'the cause is no code'
}

const countKinds = (kinds: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const kind of kinds.filter((name) => !passing.has(name)))
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** The pack's own control calls come and go; a deadline's timer (unreferenced) is not counted anyway. */
const passing: ReadonlySet<string> = new Set(['Immediate', 'FSReqPromise', 'GetAddrInfoReqWrap'])

const leftover = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string | undefined => {
  const more = [...after].filter(([kind, count]) => count > (before.get(kind) ?? 0) + slack(kind))
  return more.length === 0
    ? undefined
    : `left behind: ${more.map(([kind, count]) => `${kind} ×${String(count)}`).join(', ')}`
}

/** Simulator and control port of a test live in the same process: their ends of idle lines count too. */
const slack = (kind: string): number => (kind === 'TCPSocketWrap' ? 4 : 1)
