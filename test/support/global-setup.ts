import { randomBytes } from 'node:crypto'
import { mkdtemp, chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { startEmbedded } from '../../src/store/embedded-postgres.ts'
import { openStore } from '../../src/store/open-store.ts'
import { runMigrations } from '../../src/store/run-migrations.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** TCP port of the desk that hands out the template database of this run. */
    templateDesk: number
  }
}

export type Template = { readonly serverUrl: string; readonly name: string }

const migrations = join(import.meta.dirname, '../../migrations')

/**
 * One server for the whole run, started when the first test file asks for it, so that a run without
 * database tests pays nothing; DATABASE_URL takes its place if given.
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const run: { template?: Promise<Template & { close: () => Promise<void> }> } = {}
  const desk = createServer((socket) => {
    socket.on('error', () => undefined)
    run.template ??= makeTemplate()
    run.template.then(
      ({ serverUrl, name }) => socket.end(JSON.stringify({ serverUrl, name })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    )
  })
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  const address = desk.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  project.provide('templateDesk', address.port)
  return async () => {
    desk.close()
    await (await run.template)?.close()
  }
}

const makeTemplate = async () => {
  const server = await startServer()
  const name = `zhengqiao_template_${randomBytes(6).toString('hex')}`
  await execute(server.url, `create database ${name}`)
  const store = await openStore({ databaseUrl: databaseUrl(server.url, name) })
  await runMigrations(store, migrations)
  await store.close()
  const close = async () => {
    await execute(server.url, `drop database ${name}`)
    await server.close()
  }
  return { serverUrl: server.url, name, close }
}

const startServer = async (): Promise<{ url: string; close: () => Promise<void> }> => {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, close: async () => undefined }
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengqiao-test-'))
  await chmod(dataDir, 0o711)
  const server = await startEmbedded({
    dataDir,
    settings: { shared_buffers: '64MB', fsync: 'off', full_page_writes: 'off' },
  })
  const close = async () => {
    await server.close()
    await removeCluster(dataDir)
    await rm(dataDir, { recursive: true, force: true })
  }
  return { url: server.url, close }
}

const execute = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

/** The same server, another database. */
export const databaseUrl = (serverUrl: string, name: string): string =>
  serverUrl.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
