import { randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectionError } from '../../src/client/client-error.ts'
import type { GatewayAnswer, GatewayClient } from '../../src/client/gateway-client.ts'
import { signStandingOrder } from '../../src/client/sign-standing-order.ts'
import { dataFolder } from '../../src/config.ts'
import { cityDateOf } from '../../src/contract/clock.ts'
import { isJsonObject, type JsonObject } from '../../src/crypto/json-value.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { loadSigner } from '../../src/crypto/sm2/load-signer.ts'
import type { KillCity } from './kill-city.ts'
import { policeCode, policePapers } from './kill-papers.ts'

/** What the gateway has answered with 2xx, and thus promised. */
export type Promised = {
  readonly receipts: string[]
  /** Case ids by case number. */
  readonly cases: Map<string, string>
  /** Batches whose release was accepted, by the state in which they ended. */
  readonly batches: Map<string, string>
  /** Licences issued singly. */
  readonly licences: Set<string>
  lostAnswers: number
  refusals: number
}

export type Load = { readonly promised: Promised; readonly stop: () => Promise<void> }

const subject = { idType: '111', id: '370299190001010013', name: '测试齐全' }

/** Registers, reads and releases without a pause until it is stopped; repeats what got no answer. */
export const startLoad = async (city: KillCity): Promise<Load> => {
  const promised: Promised = {
    receipts: [],
    cases: new Map(),
    batches: new Map(),
    licences: new Set(),
    lostAnswers: 0,
    refusals: 0,
  }
  const signal = { isStopped: false }
  const registrar = await city.clientOf('registrar-city')
  const clerk = await city.clientOf('clerk-city', 'clerk-city-001')
  const pusher = await city.clientOf('police-steward-1')
  const releaser = await city.clientOf('police-steward-2')
  const send = sender(promised)
  await allowSingles(city, send)
  const papers = await policePapers()
  const department = await city.clientOf('push-police')
  const workers = [
    issueLicences({ signal, promised, send, department, papers }),
    ...[1, 2, 3].map((worker) => registerCases({ signal, promised, send, registrar, worker })),
    ...[1, 2].map(() => readCases({ signal, promised, send, clerk })),
    releaseBatches({ signal, promised, send, pusher, releaser, papers }),
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
  let count = 0
  await beside(signal, async () => {
    const caseNo = `K${String(worker)}-${String((count += 1))}`
    const body = {
      caseNo,
      itemCode: 'QD-RS-007',
      channel: 'hall',
      subject,
      facts: { agent: false },
      operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
    }
    const sent = { method: 'POST', path: '/v1/cases', body } as const
    const { status, text, data } = await send(registrar, sent)
    if (status >= 300) throw new Error(`case: ${text}`)
    promised.cases.set(caseNo, z.object({ caseId: z.string() }).parse(data).caseId)
  })
}

/**
 * Does the work again and again. A key whose request was killed stays taken until its lease is over:
 * meanwhile others go on beside it, up to `pendingMax`.
 */
const beside = async (signal: Signal, work: () => Promise<void>): Promise<void> => {
  const pending = new Set<Promise<void>>()
  while (!signal.isStopped) {
    const one = work()
    pending.add(one)
    void one.then(() => pending.delete(one))
    await Promise.race([one, sleep(patienceMs)])
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
  readonly papers: Iterator<object>
}): Promise<void> => {
  const { signal, promised, send, pusher, releaser, papers } = deps
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
  await beside(signal, async () => {
    const row: unknown = papers.next().value
    const open = { issuerCode: policeCode, format: 'ndjson', expectedRows: 1, expectedChunks: 1 }
    const { batchId } = await batchOf(pusher, { method: 'POST', path: '/v1/batches', body: open })
    const path = `/v1/batches/${batchId}`
    const chunk = { body: Buffer.from(`${JSON.stringify(row)}\n`), contentType: ndjson } as const
    await send(pusher, { method: 'PUT', path: `${path}/chunks/1`, ...chunk })
    // Without idempotency: when its first answer was lost, it is no longer open at the second.
    await send(pusher, { method: 'POST', path: `${path}/validate`, body: {} })
    const { state, root, counts } = await settled(batchId, ['open', 'validating'])
    if (state !== 'validated') return
    const order = { root: root ?? '', rows: counts?.valid ?? 0 }
    const release = { method: 'POST', path: `${path}/release`, body: order } as const
    let released = await send(releaser, release)
    // One release a department at a time.
    while (released.problem?.['code'] === 'batch_state') {
      const now = await batchOf(pusher, { method: 'GET', path })
      if (now.state !== 'validated') break
      await sleep(200)
      released = await send(releaser, release)
    }
    if (released.status < 300)
      promised.batches.set(batchId, (await settled(batchId, ['validated', 'releasing'])).state)
  })
}

/** Single licences under a standing order: the signer is asked within the request. */
const issueLicences = async (deps: {
  readonly signal: Signal
  readonly promised: Promised
  readonly send: Send
  readonly department: GatewayClient
  readonly papers: Iterator<object>
}): Promise<void> => {
  const { signal, promised, send, department, papers } = deps
  await beside(signal, async () => {
    const body = toJson(papers.next().value)
    const sent = { method: 'POST', path: '/v1/licences', body } as const
    let answer = await send(department, sent)
    // The same licence series may be in a batch that is being released.
    while (answer.problem?.['code'] === 'batch_state') {
      await sleep(200)
      answer = await send(department, sent)
    }
    if (answer.status >= 300) throw new Error(`licence: ${answer.text}`)
    promised.licences.add(z.object({ licenceId: z.string() }).parse(answer.data).licenceId)
  })
}

const toJson = (value: unknown): JsonObject => {
  const json = parseJson(JSON.stringify(value))
  if (!isJsonObject(json)) throw new RangeError('no row')
  return json
}

const ndjson = 'application/x-ndjson'

/** A steward's leave for the department's system to issue one by one. */
const allowSingles = async (city: KillCity, send: Send): Promise<void> => {
  const folder = join(dataFolder(city.dataDir).clients, 'police-steward-1')
  const read = (file: string) => readFile(join(folder, file), 'utf8')
  const certificate = new X509Certificate(await read('cert.pem')).raw
  const steward = loadSigner(openPlainGmCrypto().sm2, await read('key.pem'), [certificate])
  const types = ['004', '008', '016', '017'].map((serial) => `${policeCode}${serial}`)
  const until = cityDateOf(new Date(Date.now() + 30 * 86_400_000))
  const jws = await signStandingOrder(steward, {
    issuer: policeCode,
    types,
    maxPerDay: 1_000_000,
    until,
  })
  const client = await city.clientOf('police-steward-1')
  const body = { jws }
  const { status, text } = await send(client, { method: 'POST', path: '/v1/standing-orders', body })
  if (status >= 300) throw new Error(`standing order: ${text}`)
}
