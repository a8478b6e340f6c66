import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chainFile } from '../../src/client/chain-file.ts'
import { clientTrust } from '../../src/client/check-answer.ts'
import { ConnectionError, EvidenceError, ProblemError } from '../../src/client/client-error.ts'
import type { Operation } from '../../src/client/operations.ts'
import type { RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import {
  createZhengqiaoClient,
  type ZhengqiaoClient,
  type ZhengqiaoOptions,
} from '../../src/client/zhengqiao-client.ts'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import { type HttpWorld, httpWorld, publicUrl, requestOf } from '../http/http-world.ts'
import { type Deeds, sampleEndpoints } from '../http/sample-endpoints.ts'

const addNote: Operation<{ name: string }> = {
  method: 'POST',
  path: '/v1/notes',
  idempotent: true,
  data: z.object({ name: z.string() }),
}
const readNote: Operation<{ name: string; depth: string }> = {
  method: 'GET',
  path: '/v1/notes/{name}',
  idempotent: false,
  data: z.object({ name: z.string(), depth: z.string() }),
}

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let key: RequestKey
let folder: string
let sent: SignedRequest[] = []
let waits: number[] = []

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  key = await world.addClient({ id: 'clerk', roles: ['C'] })
  await world.addOperator({ id: 'clerk-001', client: 'clerk' })
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-client-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  sent = []
  waits = []
  deeds.nextRead = undefined
})

const deliver = async (signed: SignedRequest): Promise<Response> => {
  sent.push(signed)
  return world.app.fetch(requestOf(signed))
}

const trust = () => clientTrust({ noteKeys: [formatVerifierKey(world.noteKey)] })

const open = (changes: Partial<ZhengqiaoOptions> = {}): ZhengqiaoClient =>
  createZhengqiaoClient({
    publicUrl,
    key,
    now: () => world.time.now,
    randomBytes,
    operatorId: 'clerk-001',
    trust: trust(),
    send: deliver,
    retry: {
      wait: (delayMs) => {
        waits.push(delayMs)
        return Promise.resolve()
      },
    },
    ...changes,
  })

const headerOf = (name: string): (string | undefined)[] => sent.map(({ headers }) => headers[name])

describe('a call', () => {
  it('answers typed data with a receipt that verifies', async () => {
    const answered = await open().call(readNote, { params: { name: 'ab' }, query: { depth: 3 } })
    expect(answered.data).toEqual({ name: 'ab', depth: '3' })
    expect(JSON.parse(answered.receiptFile)).toMatchObject({ receipt: answered.receipt })
    expect(answered.isReplay).toBe(false)
  })

  it('throws the problem with code, place and receipt', async () => {
    const failure: unknown = await open()
      .call(addNote, { body: { name: 7 } })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ProblemError)
    expect(failure).toMatchObject({
      code: 'validation_failed',
      status: 422,
      source: 'client',
      errors: [{ pointer: '/name' }],
      receipt: { no: expect.any(String) as unknown },
    })
    expect(sent).toHaveLength(1)
  })
})

describe('retries', () => {
  it('repeats a lost answer with the same key and a fresh signature, and nothing is done twice', async () => {
    let lost = 0
    const send = async (signed: SignedRequest): Promise<Response> => {
      const answer = await deliver(signed)
      if (lost++ === 0) throw new TypeError('fetch failed')
      return answer
    }
    const answered = await open({ send }).call(addNote, { body: { name: 'lost' } })
    expect(answered).toMatchObject({ data: { name: 'lost' }, isReplay: true })
    const [first, second] = headerOf('idempotency-key')
    expect(first).toBe(second)
    expect(new Set(headerOf('signature')).size).toBe(2)
    expect(waits).toHaveLength(1)
  })

  it('waits as long as the gateway asks, and gives up when that is too long', async () => {
    const answers = [2, 3600].map(
      (seconds) => new Response('', { status: 503, headers: { 'retry-after': String(seconds) } }),
    )
    const send = (signed: SignedRequest): Promise<Response> => {
      const answer = answers.shift()
      return answer === undefined ? deliver(signed) : Promise.resolve(answer)
    }
    await expect(open({ send }).call(readNote, { params: { name: 'n' } })).rejects.toThrow(
      ConnectionError,
    )
    expect(waits).toEqual([2000])
  })

  it('reads no answer that has no end', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'a')
    let pulled = 0
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(piece)
        if (pulled > 200) controller.close()
      },
      cancel: () => {
        isCancelled = true
      },
    })
    const send = (): Promise<Response> => Promise.resolve(new Response(body))
    const client = open({ send, retry: { attemptsMax: 1 } })
    await expect(client.call(readNote, { params: { name: 'n' } })).rejects.toThrow(ConnectionError)
    expect(isCancelled).toBe(true)
    expect(pulled).toBeLessThan(100)
  })

  it('names the idempotency key when no answer came at all', async () => {
    const send = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))
    const failure: unknown = await open({ send })
      .call(addNote, { body: { name: 'never' }, idempotencyKey: 'mine' })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConnectionError)
    expect(failure).toMatchObject({ idempotencyKey: 'mine' })
    expect(waits).toHaveLength(3)
    expect(waits.every((wait, at) => wait >= 125 * 2 ** at && wait <= 250 * 2 ** at)).toBe(true)
  })
})

describe('evidence', () => {
  const changed = (change: (text: string) => string): Promise<unknown> => {
    const send = async (signed: SignedRequest): Promise<Response> => {
      const { status, headers, ...answer } = await read(await deliver(signed))
      return new Response(change(answer.text), { status, headers })
    }
    return open({ send })
      .call(readNote, { params: { name: 'proof' } })
      .catch((error: unknown) => error)
  }

  const read = async (response: Response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  })

  const codeOf = (failure: unknown): string => {
    expect(failure).toBeInstanceOf(EvidenceError)
    return failure instanceof EvidenceError ? failure.code : ''
  }

  it('refuses an answer that was changed on the way', async () => {
    const failure = await changed((text) => text.replace('"name":"proof"', '"name":"prooF"'))
    expect(codeOf(failure)).toBe('evidence_failed')
  })

  it('refuses an answer without its receipt', async () => {
    const failure = await changed((text) => `${text.slice(0, text.indexOf(',"receipt"'))}}`)
    expect(codeOf(failure)).toBe('receipt_missing')
  })

  it.each(['no', 'event', 'salt', 'proof'])(
    'refuses a receipt whose %s is not right',
    async (member) => {
      const failure = await changed((text) => {
        const answer = z
          .object({ data: z.json(), receipt: z.record(z.string(), z.string()) })
          .parse(JSON.parse(text))
        const value = answer.receipt[member] ?? ''
        const at = Math.floor(value.length / 2)
        const other = value.charAt(at) === 'B' ? 'C' : 'B'
        const receipt = {
          ...answer.receipt,
          [member]: value.slice(0, at) + other + value.slice(at + 1),
        }
        return JSON.stringify({ ...answer, receipt })
      })
      expect(codeOf(failure)).toBe('evidence_failed')
    },
  )

  it('refuses the receipt of another request', async () => {
    const other = await open().call(readNote, { params: { name: 'proof' } })
    expect(codeOf(await changed(() => other.receiptFile))).toBe('receipt_other_request')
  })

  it('refuses a checkpoint of a key that is not in the trust', async () => {
    const failure: unknown = await open({ trust: clientTrust({}) })
      .call(readNote, { params: { name: 'proof' } })
      .catch((error: unknown) => error)
    expect(codeOf(failure)).toBe('evidence_open')
  })
})

describe('the client’s own chain', () => {
  it('goes on where the last run stopped', async () => {
    const path = join(folder, 'chain.json')
    const first = open({ chain: chainFile(path) })
    const { receipt } = await first.call(readNote, { params: { name: 'a' } })
    await open({ chain: chainFile(path) }).call(readNote, { params: { name: 'b' } })
    expect(headerOf('zhengqiao-seq')).toEqual(['1', '2'])
    expect(headerOf('zhengqiao-last')).toEqual([undefined, receipt?.['no']])
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ sequence: 2 })
  })

  it('is kept before a request leaves, so that no number is used twice after a crash', async () => {
    const path = join(folder, 'crash.json')
    const send = async (): Promise<Response> => {
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ sequence: 1 })
      throw new TypeError('fetch failed')
    }
    const client = open({ chain: chainFile(path), send, retry: { attemptsMax: 1 } })
    await expect(client.call(readNote, { params: { name: 'a' } })).rejects.toThrow(ConnectionError)
  })

  it('numbers requests made at the same time one by one', async () => {
    const client = open({ chain: chainFile(join(folder, 'many.json')) })
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => client.call(readNote, { params: { name: String(n) } })),
    )
    expect(
      headerOf('zhengqiao-seq')
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const kept: unknown = JSON.parse(await readFile(join(folder, 'many.json'), 'utf8'))
    expect(kept).toMatchObject({ sequence: 10 })
  })

  it('stays whole when two at once keep theirs in one file', async () => {
    const path = join(folder, 'shared.json')
    const keepers = Array.from({ length: 4 }, () => chainFile(path))
    for (let sequence = 1; sequence <= 20; sequence++) {
      await Promise.all(keepers.map(({ save }) => save({ sequence, lastReceiptNo: undefined })))
      expect(await chainFile(path).load()).toMatchObject({ sequence })
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('does not begin anew when its file is damaged', async () => {
    const path = join(folder, 'damaged.json')
    await writeFile(path, '{"sequence":')
    await expect(
      open({ chain: chainFile(path) }).call(readNote, { params: { name: 'a' } }),
    ).rejects.toThrow()
    expect(sent).toHaveLength(0)
  })
})
