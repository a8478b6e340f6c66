import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { cityDir } from '../../src/cli/package-root.ts'
import { ConnectionError } from '../../src/client/client-error.ts'
import type { GatewayAnswer, GatewayClient } from '../../src/client/gateway-client.ts'
import type { KillCity } from './kill-city.ts'

/** What the gateway has answered with 2xx, and thus promised. */
export type Promised = {
  readonly receipts: string[]
  /** Case ids by case number. */
  readonly cases: Map<string, string>
  /** Batches whose release was accepted, by the state in which they ended. */
  readonly batches: Map<string, string>
  lostAnswers: number
  refusals: number
}

export type Load = { readonly promised: Promised; readonly stop: () => Promise<void> }

const subject = { idType: '111', id: '370299190001010013', name: '测试齐全' }
const policeCode = '113702990037000297'

/** Registers, reads and releases without a pause until it is stopped; repeats what got no answer. */
export const startLoad = async (city: KillCity): Promise<Load> => {
  const promised: Promised = {
    receipts: [],
    cases: new Map(),
    batches: new Map(),
    lostAnswers: 0,
    refusals: 0,
  }
  const signal = { isStopped: false }
  const registrar = await city.clientOf('registrar-city')
  const clerk = await city.clientOf('clerk-city', 'clerk-city-001')
  const pusher = await city.clientOf('police-steward-1')
  const releaser = await city.clientOf('police-steward-2')
  const send = sender(promised)
  const workers = [
    ...[1, 2, 3].map((worker) => registerCases({ signal, promised, send, registrar, worker })),
    ...[1, 2].map(() => readCases({ signal, promised, send, clerk })),
    releaseBatches({ signal, promised, send, pusher, releaser }),
  ]
  return {
    promised,
    stop: async () => {
      signal.isStopped = true
      await Promise.all(workers)
    },
  }
}

type Signal = { readonly isStopped: boolean }
type Send = (client: GatewayClient, request: Sent) => Promise<GatewayAnswer>
type Sent = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: Parameters<GatewayClient['request']>[2]
  readonly contentType?: string
}

/** The same idempotency key until an answer comes that will not change. */
const sender =
  (promised: Promised): Send =>
  async (client, { method, path, body, contentType }) => {
    const options = {
      ...(contentType === undefined ? {} : { contentType }),
      ...(method === 'POST' ? { idempotencyKey: randomBytes(16).toString('hex') } : {}),
    }
    for (;;) {
      const answer = await client.request(method, path, body, options).catch(lost)
      if (answer === undefined) promised.lostAnswers += 1
      else if (answer.status < 300) {
        promised.receipts.push(z.string().parse(answer.receipt?.['no']))
        return answer
      } else if (answer.problem?.['retryable'] !== true) return answer
      else promised.refusals += 1
      await sleep(200)
    }
  }

const lost = (error: unknown): undefined => {
  if (error instanceof ConnectionError) return undefined
  throw error
}

const registerCases = async (deps: {
  readonly signal: Signal
  readonly promised: Promised
  readonly send: Send
  readonly registrar: GatewayClient
  readonly worker: number
}): Promise<void> => {
  const { signal, promised, send, registrar, worker } = deps
  const register = async (caseNo: string): Promise<void> => {
    const body = {
      caseNo,
      itemCode: 'QD-RS-007',
      channel: 'hall',
      subject,
      facts: { agent: false },
      operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
    }
    const { status, text, data } = await send(registrar, {
      method: 'POST',
      path: '/v1/cases',
      body,
    })
    if (status >= 300) throw new Error(`case: ${text}`)
    promised.cases.set(caseNo, z.object({ caseId: z.string() }).parse(data).caseId)
  }
  // A key whose request was killed stays taken until its lease is over: meanwhile others go on.
  const pending = new Set<Promise<void>>()
  for (let count = 0; !signal.isStopped; count += 1) {
    const registration = register(`K${String(worker)}-${String(count)}`)
    pending.add(registration)
    void registration.then(() => pending.delete(registration))
    await Promise.race([registration, sleep(patienceMs)])
    while (pending.size >= pendingMax) await Promise.race(pending)
  }
  await Promise.all(pending)
}

const patienceMs = 400
const pendingMax = 12

const readCases = async (deps: {
  readonly signal: Signal
  readonly promised: Promised
  readonly send: Send
  readonly clerk: GatewayClient
}): Promise<void> => {
  const { signal, promised, send, clerk } = deps
  while (!signal.isStopped) {
    const [caseId] = [...promised.cases.values()].slice(-1)
    if (caseId === undefined) await sleep(50)
    else {
      const { status, text } = await send(clerk, { method: 'GET', path: `/v1/cases/${caseId}` })
      if (status !== 200) throw new Error(`an acknowledged case: ${text}`)
    }
  }
}

const batchSchema = z.object({
  batchId: z.string(),
  state: z.string(),
  root: z.string().nullish(),
  counts: z.object({ valid: z.int() }).nullish(),
})

/** One paper a batch, so that there are many releases; the signer is asked at each. */
const releaseBatches = async (deps: {
  readonly signal: Signal
  readonly promised: Promised
  readonly send: Send
  readonly pusher: GatewayClient
  readonly releaser: GatewayClient
}): Promise<void> => {
  const { signal, promised, send, pusher, releaser } = deps
  const batchOf = async (client: GatewayClient, sent: Sent) => {
    const { status, data, text } = await send(client, sent)
    if (status >= 300) throw new Error(`batch: ${text}`)
    return batchSchema.parse(data)
  }
  const settled = async (batchId: string, from: readonly string[]) => {
    for (;;) {
      const batch = await batchOf(pusher, { method: 'GET', path: `/v1/batches/${batchId}` })
      if (!from.includes(batch.state)) return batch
      await sleep(100)
    }
  }
  for (const row of await policePapers()) {
    if (signal.isStopped) return
    const open = { issuerCode: policeCode, format: 'ndjson', expectedRows: 1, expectedChunks: 1 }
    const { batchId } = await batchOf(pusher, { method: 'POST', path: '/v1/batches', body: open })
    const path = `/v1/batches/${batchId}`
    const chunk = { body: Buffer.from(`${JSON.stringify(row)}\n`), contentType: ndjson } as const
    await send(pusher, { method: 'PUT', path: `${path}/chunks/1`, ...chunk })
    // Without idempotency: when its first answer was lost, it is no longer open at the second.
    await send(pusher, { method: 'POST', path: `${path}/validate`, body: {} })
    const { state, root, counts } = await settled(batchId, ['open', 'validating'])
    if (state !== 'validated') continue
    const order = { root: root ?? '', rows: counts?.valid ?? 0 }
    const released = await send(releaser, { method: 'POST', path: `${path}/release`, body: order })
    if (released.status < 300)
      promised.batches.set(batchId, (await settled(batchId, ['validated', 'releasing'])).state)
  }
}

const ndjson = 'application/x-ndjson'

const policePapers = async (): Promise<readonly unknown[]> => {
  const paper = z.object({ row: z.looseObject({ issuer: z.looseObject({ code: z.string() }) }) })
  const schema = z.object({ subjects: z.array(z.object({ papers: z.array(paper) })) })
  const text = await readFile(join(cityDir, 'subjects.json'), 'utf8')
  return schema
    .parse(JSON.parse(text))
    .subjects.flatMap(({ papers }) => papers.map(({ row }) => row))
    .filter(({ issuer }) => issuer.code === policeCode)
}
