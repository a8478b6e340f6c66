// Whether an answer tells what exists: `npm run test:latency [REQUESTS]` sends 10,000 requests for things
// that are not there and things that are another's, interleaved in random order, compares the bodies, and
// the latencies by rank against two groups that are alike. Prints one JSON object; exit code 1 when the
// groups can be told apart.
import { randomBytes, randomInt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { newUuidV7 } from '../../src/contract/uuid.ts'
import { newReceiptNo } from '../../src/ledger/receipt-no.ts'
import { type LatencyScene, openLatencyScene, say } from './latency-scene.ts'
import { median, rankTest } from './rank-test.ts'

const groups = ['absent', 'absentAgain', 'foreign'] as const
type Group = (typeof groups)[number]
const subjects = ['case', 'licence', 'receipt'] as const
type Subject = (typeof subjects)[number]
type Probe = { readonly subject: Subject; readonly group: Group }

/** Of three comparisons and their controls, one in two hundred runs would fail by chance alone. */
const pMin = 0.005 / 6

const pick = <Thing>(things: readonly Thing[]): Thing => {
  const thing = things[randomInt(things.length)]
  if (thing === undefined) throw new RangeError('nothing to pick')
  return thing
}

const absentId = (): string => newUuidV7(Date.now() - randomInt(60_000), randomBytes)

const pathOf = (scene: LatencyScene, { subject, group }: Probe): string => {
  const isForeign = group === 'foreign'
  if (subject === 'case') return `/v1/cases/${isForeign ? pick(scene.foreign).caseId : absentId()}`
  if (subject === 'receipt')
    return `/v1/receipts/${isForeign ? pick(scene.foreign).receiptNo : newReceiptNo(randomBytes)}`
  const licenceId = isForeign ? pick(scene.foreignLicences) : absentId()
  return `/v1/cases/${pick(scene.own).caseId}/licences/${licenceId}`
}

const shuffled = <Thing>(things: readonly Thing[]): readonly Thing[] => {
  const order = [...things]
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1)
    const [a, b] = [order[at], order[other]]
    if (a !== undefined && b !== undefined) [order[at], order[other]] = [b, a]
  }
  return order
}

/** What a caller could compare; the request's own number and the receipt differ in every answer. */
const comparable = (status: number, problem: object | undefined): string => {
  const rest = Object.entries(problem ?? {}).filter(
    ([name]) => !['requestId', 'instance'].includes(name),
  )
  return JSON.stringify({ status, ...Object.fromEntries(rest) })
}

const measure = async (scene: LatencyScene, probes: readonly Probe[]) => {
  const latencies = new Map<string, number[]>()
  const bodies = new Map<string, Set<string>>()
  for (const probe of probes) {
    const path = pathOf(scene, probe)
    const from = performance.now()
    const { status, problem } = await scene.clerk.request('GET', path)
    const took = performance.now() - from
    const key = `${probe.subject} ${probe.group}`
    latencies.set(key, [...(latencies.get(key) ?? []), took])
    const seen = bodies.get(probe.subject) ?? new Set()
    bodies.set(probe.subject, seen.add(comparable(status, problem)))
  }
  return { latencies, bodies }
}

const rounded = (value: number): number => Number(value.toPrecision(4))

const compare = (found: Awaited<ReturnType<typeof measure>>, subject: Subject) => {
  const of = (group: Group) => found.latencies.get(`${subject} ${group}`) ?? []
  const control = rankTest(of('absent'), of('absentAgain'))
  const foreign = rankTest([...of('absent'), ...of('absentAgain')], of('foreign'))
  const answers = [...(found.bodies.get(subject) ?? [])]
  return {
    subject,
    requests: groups.reduce((sum, group) => sum + of(group).length, 0),
    answers,
    medianMs: Object.fromEntries(groups.map((group) => [group, rounded(median(of(group)))])),
    control: { shareGreater: rounded(control.shareGreater), p: rounded(control.p) },
    foreign: { shareGreater: rounded(foreign.shareGreater), p: rounded(foreign.p) },
    isSame: answers.length === 1 && foreign.p >= pMin,
  }
}

const run = async (requests: number): Promise<number> => {
  const scene = await openLatencyScene(say)
  try {
    const kinds = subjects.flatMap((subject) => groups.map((group) => ({ subject, group })))
    const probes = Array.from(
      { length: requests },
      (_, at) => kinds[at % kinds.length] ?? pick(kinds),
    )
    say('warming up')
    await measure(scene, shuffled(probes.slice(0, Math.min(900, requests))))
    say(`${String(requests)} requests`)
    const found = await measure(scene, shuffled(probes))
    const comparisons = subjects.map((subject) => compare(found, subject))
    const isSame = comparisons.every((each) => each.isSame)
    process.stdout.write(
      `${JSON.stringify({ requests, pMin: rounded(pMin), comparisons, isSame })}\n`,
    )
    return isSame ? 0 : 1
  } finally {
    await scene.close()
  }
}

process.exitCode = await run(Number(process.argv[2] ?? 10_000))
