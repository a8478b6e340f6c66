import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLand } from '../../../adapters/land/adapter.ts'
import { makeAuthority } from '../../halls/tls-authority.ts'
import { setupFor } from '../harness.ts'

let folder: string
let server: Server
let port: number
/** Connections that got through the handshake; the password comes after it. */
let secured: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-land-tls-'))
  const authority = await makeAuthority()
  const stranger = await makeAuthority()
  await writeFile(join(folder, 'ca.pem'), authority.root)
  await writeFile(join(folder, 'stranger.pem'), stranger.root)
  const secureContext = createSecureContext(await authority.issue('land', 'land.qingdao.example'))
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      // PostgreSQL's answer to a request for TLS.
      socket.write('S')
      const line = new TLSSocket(socket, { isServer: true, secureContext })
      line.on('error', () => undefined)
      line.once('secure', () => {
        line.once('data', () => {
          secured += 1
          line.destroy()
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

const probe = async (host: string, tls: Readonly<Record<string, string>>, query = '') => {
  secured = 0
  const url = `postgres://zhengqiao:pw@${host}:${String(port)}/frontend${query}`
  const settings = { databaseUrl: { name: 'URL' }, unit: 'test', tls }
  const adapter = await openLand(setupFor('land', settings, { URL: url }))
  const outcome = await adapter.probe(AbortSignal.timeout(5_000))
  await adapter.close()
  return outcome
}
const ca = (name: string) => ({ caFile: join(folder, name) })

it.each(['127.0.0.1', 'localhost'])(
  'a front-end database at %s is who its certificate says',
  async (host) => {
    const altname = { kind: 'unreachable', cause: 'err_tls_cert_altname_invalid' }
    expect(await probe(host, ca('ca.pem'))).toMatchObject(altname)
    const other = { ...ca('ca.pem'), serverName: 'other.qingdao.example' }
    expect(await probe(host, other)).toMatchObject(altname)
    const right = { serverName: 'land.qingdao.example' }
    expect(await probe(host, { ...ca('stranger.pem'), ...right })).toMatchObject({
      kind: 'unreachable',
    })
    expect(secured).toBe(0)
    await probe(host, { ...ca('ca.pem'), ...right })
    expect(secured).toBe(1)
  },
)

it('a URL cannot switch off what the settings say of TLS', async () => {
  for (const query of ['?sslmode=disable', '?a=b&sslmode=no-verify'])
    await expect(probe('127.0.0.1', ca('ca.pem'), query)).rejects.toThrow(/ssl parameters/)
})
