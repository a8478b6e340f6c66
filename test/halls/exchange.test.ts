import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExchange, type Exchange, type TlsFiles } from '../../src/halls/exchange.ts'
import { startHttpSimulator, type Simulator } from '../../src/halls/http-simulator.ts'
import { listen } from '../../src/halls/simulator-frame.ts'
import { loadSimulatedCity } from '../../src/halls/simulated-city.ts'
import { makeAuthority } from './tls-authority.ts'

let folder: string
let hall: Simulator
const file = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-tls-'))
  const authority = await makeAuthority()
  const stranger = await makeAuthority()
  const [server, client, other] = [
    await authority.issue('hall'),
    await authority.issue('zhengqiao'),
    await stranger.issue('stranger'),
  ]
  await writeFile(file('ca.pem'), authority.root)
  await writeFile(file('client.pem'), client.cert)
  await writeFile(file('client.key'), client.key)
  await writeFile(file('stranger.pem'), other.cert)
  await writeFile(file('stranger.key'), other.key)
  hall = await startHttpSimulator({
    tls: { ...server, ca: authority.root },
    city: loadSimulatedCity('hall', []),
    answersLater: false,
    rotate: () => undefined,
    receive: ({ body }) => ({
      operation: 'echo',
      answer: () => ({ status: 200, contentType: 'text/plain', body }),
    }),
  })
})
afterAll(async () => {
  await hall.close()
  await rm(folder, { recursive: true })
})

const ask = async (exchange: Exchange, signal = AbortSignal.timeout(3_000)) => {
  const answer = await exchange.send({
    method: 'POST',
    path: '/',
    headers: {},
    body: Buffer.from('ping'),
    signal,
  })
  exchange.close()
  return answer
}

describe('TLS of one hall', () => {
  it('connects with the department’s own anchor and our certificate', async () => {
    const tls = {
      caFile: file('ca.pem'),
      certificateFile: file('client.pem'),
      keyFile: file('client.key'),
    }
    const answer = await ask(await openExchange({ baseUrl: hall.url, tls, maxSockets: 1 }))
    expect(answer.ok && Buffer.from(answer.bytes).toString()).toBe('ping')
  })
  it('refuses a hall whose certificate the anchor does not lead to', async () => {
    const answer = await ask(await openExchange({ baseUrl: hall.url, maxSockets: 1 }))
    expect(answer).toMatchObject({ ok: false, kind: 'unreachable' })
    expect(answer.ok ? '' : answer.cause).toMatch(/cert|verify|issuer/)
  })
  it('is refused without a certificate, and with a stranger’s', async () => {
    const caFile = file('ca.pem')
    const stranger = { certificateFile: file('stranger.pem'), keyFile: file('stranger.key') }
    for (const tls of [{ caFile }, { caFile, ...stranger }]) {
      const answer = await ask(await openExchange({ baseUrl: hall.url, tls, maxSockets: 1 }))
      expect(answer).toMatchObject({ ok: false, kind: 'unreachable' })
    }
  })
  it('refuses a hall whose certificate is for another host, unless that is its serverName', async () => {
    const authority = await makeAuthority()
    await writeFile(file('named-ca.pem'), authority.root)
    const named = await startHttpSimulator({
      tls: await authority.issue('hall', 'hall.qingdao.example'),
      city: loadSimulatedCity('hall', []),
      answersLater: false,
      rotate: () => undefined,
      receive: ({ body }) => ({
        operation: 'echo',
        answer: () => ({ status: 200, contentType: 'text/plain', body }),
      }),
    })
    const caFile = file('named-ca.pem')
    const askAs = async (tls: TlsFiles) =>
      ask(await openExchange({ baseUrl: named.url, tls, maxSockets: 1 }))
    const refused = { ok: false, kind: 'unreachable', cause: 'err_tls_cert_altname_invalid' }
    expect(await askAs({ caFile })).toEqual(refused)
    expect(await askAs({ caFile, serverName: 'other.qingdao.example' })).toEqual(refused)
    expect(await askAs({ caFile, serverName: 'hall.qingdao.example' })).toMatchObject({ ok: true })
    await named.close()
  })
  it('says at start which file is missing', async () => {
    const opening = openExchange({
      baseUrl: hall.url,
      tls: { caFile: file('none') },
      maxSockets: 1,
    })
    await expect(opening).rejects.toThrow(/none/)
  })
})

describe('a line', () => {
  const withServer = async (
    handler: Parameters<typeof createServer>[1],
    run: (url: string, server: Server) => Promise<void>,
  ): Promise<void> => {
    const server = createServer(handler)
    const url = await listen(server, 0)
    await run(url, server)
    server.closeAllConnections()
    server.close()
  }
  it('is cut at the deadline, so that the hall sees it go', async () => {
    const gone = { count: 0 }
    await withServer(
      (request) => {
        request.on('close', () => {
          gone.count += 1
        })
      },
      async (url) => {
        const exchange = await openExchange({ baseUrl: url, maxSockets: 1 })
        const answer = await ask(exchange, AbortSignal.timeout(100))
        expect(answer).toEqual({ ok: false, kind: 'timeout', cause: 'no_answer' })
        await new Promise((resolve) => setTimeout(resolve, 100))
        expect(gone.count).toBe(1)
      },
    )
  })
  it('follows no redirect and believes no length', async () => {
    await withServer(
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      async (url) => {
        const answer = await ask(await openExchange({ baseUrl: url, maxSockets: 1 }))
        expect(answer).toMatchObject({ ok: true, status: 302 })
      },
    )
    await withServer(
      (_, response) => response.writeHead(200, { 'content-length': 20_000_000 }).write('x'),
      async (url) => {
        const answer = await ask(await openExchange({ baseUrl: url, maxSockets: 1 }))
        expect(answer).toEqual({ ok: false, kind: 'malformed', cause: 'body_too_large' })
      },
    )
  })
  it('calls what is no HTTP malformed', async () => {
    await withServer(
      (request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      async (url) => {
        const answer = await ask(await openExchange({ baseUrl: url, maxSockets: 1 }))
        expect(answer).toMatchObject({ ok: false, kind: 'malformed' })
        expect(answer.ok ? '' : answer.cause).toMatch(/^hpe_/)
      },
    )
  })
})
