import { z } from 'zod'
import { holderText } from '../../licences/licence-index.ts'
import { benchItem } from './bench-city.ts'
import { startCpuClock } from './cpu-clock.ts'
import { databasePids } from './database-figures-store.ts'
import type { GatewayProcess } from './gateway-process.ts'
import type { RequestSpec } from './load/prepare-requests.ts'
import { sendAll } from './load/send.ts'
import type { Part } from './part.ts'
import { bareReadySchema } from './peers/bare-ready.ts'
import type { BenchCase } from './register-cases.ts'
import { requireContent, requireExistence } from './require-answers.ts'
import type { Candidate, Measured } from './rounds.ts'
import type { Scene } from './scene.ts'

export type HttpParts = {
  readonly gateway: GatewayProcess
  readonly load: Part
  readonly cases: readonly BenchCase[]
}

const connections = 32
const operations = { bare: 20_000, check: 5000, fetch: 4000, warmUp: 3000 }

type Work = {
  readonly name: string
  readonly operations: number
  readonly port?: number
  /** First those that answer requests, by whose first threads a busy machine is judged. */
  readonly servers: readonly number[]
  /** What hands connections to them, when there are several. */
  readonly others: readonly number[]
  readonly request: (one: BenchCase) => RequestSpec
  /** Throws unless an answer is what was asked for. */
  readonly requireGood: (body: string) => void
}

/**
 * `bare`, `check` and `fetch` over the same keep-alive generator, after each has answered a few thousand
 * requests whose answers were read.
 */
export const openHttpCandidates = async (
  scene: Scene,
  parts: HttpParts,
): Promise<readonly Candidate[]> => {
  const { gateway } = parts
  const works = [await bareWork(scene, gateway), checkWork(gateway), fetchWork(gateway)].filter(
    ({ name }) => scene.options.only?.includes(name) ?? true,
  )
  const take = createTurn(parts.cases)
  const { scale } = scene.options
  for (const work of works) {
    const requests = take(Math.ceil(operations.warmUp * scale)).map(work.request)
    const sending = { requests, connections, keepBodies: true, ...portOf(work) }
    const { bodies } = await sendAll(parts.load, scene.city, sending)
    for (const body of bodies) work.requireGood(body)
  }
  return works.map((work) => ({
    name: work.name,
    run: () =>
      measure(scene, parts.load, work, take(Math.ceil(work.operations * scale)).map(work.request)),
  }))
}

const measure = async (
  { city, store }: Scene,
  load: Part,
  work: Work,
  requests: readonly RequestSpec[],
): Promise<Measured> => {
  const groups = {
    server: () => Promise.resolve([...work.servers, ...work.others]),
    postgres: () => databasePids(store),
  }
  const clocks: Awaited<ReturnType<typeof startCpuClock>>[] = []
  const reply = await sendAll(load, city, {
    requests,
    connections,
    ...portOf(work),
    beforeSending: async () => {
      clocks.push(await startCpuClock(groups, work.servers))
    },
  })
  const used = await clocks[0]?.stop()
  const { operations: count, seconds, p50Ms, p99Ms, cpuUs } = reply
  return { operations: count, seconds, p50Ms, p99Ms, cpuUs: { ...used, load: cpuUs } }
}

const portOf = ({ port }: Work) => (port === undefined ? {} : { port })

const processesOf = ({ pid, servers }: GatewayProcess) => ({
  servers,
  others: servers.includes(pid) ? [] : [pid],
})

/** The peer gets as many processes as the gateway has. */
const bareWork = async (
  { store, dataKeys, startPart }: Scene,
  { servers: { length: processes } }: GatewayProcess,
): Promise<Work> => {
  const bare = await startPart('bare')
  const { port, pids } = await bare.ask(bareReadySchema, { databaseUrl: store.url, processes })
  return {
    name: 'bare',
    operations: operations.bare,
    port,
    servers: pids,
    others: pids.includes(bare.pid) ? [] : [bare.pid],
    request: ({ holder }) => {
      const index = dataKeys.index('holder', holderText(holder)).index.toString('base64url')
      return { method: 'GET', path: `/licences/${index}/${benchItem.typeCode}` }
    },
    requireGood: (body) => {
      bareAnswer.parse(JSON.parse(body))
    },
  }
}

const bareAnswer = z.object({ licence_id: z.string(), type_code: z.string() })

const checkWork = (gateway: GatewayProcess): Work => ({
  name: 'check',
  operations: operations.check,
  ...processesOf(gateway),
  request: ({ caseId, clientId, operatorId }) => ({
    method: 'POST',
    path: `/v1/cases/${caseId}/checks`,
    clientId,
    operatorId,
    body: JSON.stringify({ materials: [benchItem.materialCode] }),
  }),
  requireGood: requireExistence,
})

const fetchWork = (gateway: GatewayProcess): Work => ({
  name: 'fetch',
  operations: operations.fetch,
  ...processesOf(gateway),
  request: ({ caseId, clientId, operatorId }) => ({
    method: 'POST',
    path: `/v1/cases/${caseId}/fetches`,
    clientId,
    operatorId,
    idempotent: true,
    body: JSON.stringify({ materials: [{ code: benchItem.materialCode }] }),
  }),
  requireGood: requireContent,
})

/** Goes round the cases, so that no operator is asked for more often than another. */
const createTurn = (cases: readonly BenchCase[]): ((count: number) => readonly BenchCase[]) => {
  let next = 0
  return (count) =>
    Array.from({ length: count }, () => {
      const one = cases[next++ % cases.length]
      if (one === undefined) throw new RangeError('no cases')
      return one
    })
}
