import 'reflect-metadata'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExchange, type Exchange } from '../../src/halls/exchange.ts'
import { startHttpSimulator, type Simulator } from '../../src/halls/http-simulator.ts'
import { listen } from '../../src/halls/simulator-frame.ts'
import { loadSimulatedCity } from '../../src/halls/simulated-city.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const validity = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
}

const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const keyPem = async ({ privateKey }: Awaited<ReturnType<typeof makeKeys>>): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')

const makeAuthority = async () => {
  const keys = await makeKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=hall test root',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  const issue = async (name: string) => {
    const own = await makeKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      subject: `CN=${name}`,
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    })
    return { cert: certificate.toString('pem'), key: await keyPem(own) }
  }
  return { root: root.toString('pem'), issue }
}

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
