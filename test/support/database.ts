import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/open-store.ts'
import { databaseUrl } from './global-setup.ts'
import type { Template } from './global-setup.ts'

const cleanups: (() => Promise<void>)[] = []

// Registered when the test file imports us, thus run after every hook of its own.
afterAll(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/**
 * A fresh, migrated database of its own, dropped after the test file. Call it at the top of the file
 * (`const store = await testStore()`) or in a hook; each call gives another database.
 */
export const testStore = async (): Promise<Store> => {
  const { serverUrl, name: template } = await askForTemplate()
  const url = await createDatabase(serverUrl, template)
  const store = await openStore({ databaseUrl: url })
  cleanups.unshift(async () => {
    if (!store.pool.ended) await store.close()
  })
  return store
}

/** The URL of an empty database of its own, for tests of the migrations themselves. */
export const emptyDatabaseUrl = async (): Promise<string> =>
  createDatabase((await askForTemplate()).serverUrl, 'template0')

const createDatabase = async (serverUrl: string, template: string): Promise<string> => {
  const name = `zhengqiao_test_${randomBytes(6).toString('hex')}`
  await execute(serverUrl, `create database ${name} template ${template}`)
  cleanups.unshift(() => execute(serverUrl, `drop database ${name} with (force)`))
  return databaseUrl(serverUrl, name)
}

const askForTemplate = async (): Promise<Template> => {
  const answer: unknown = JSON.parse(
    await text(connect({ host: '127.0.0.1', port: inject('templateDesk') })),
  )
  if (isTemplate(answer)) return answer
  throw new Error(`no test database: ${JSON.stringify(answer)}`)
}

const isTemplate = (value: unknown): value is Template =>
  typeof value === 'object' && value !== null && 'serverUrl' in value && 'name' in value

const execute = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
