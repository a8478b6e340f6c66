import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import { runMigrations } from '../../src/store/run-migrations.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { temporaryFolder } from '../support/embedded.ts'

const setUp = async (files: Readonly<Record<string, string>>) => {
  const store = await openStore({ databaseUrl: await emptyDatabaseUrl() })
  const dir = await temporaryFolder()
  for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql)
  return { store, dir }
}
const first = { '0001-a.sql': '-- additive\ncreate table a (n integer);\n' }

it('applies each file once, in order, and later ones when they come', async () => {
  const { store, dir } = await setUp(first)
  expect(await runMigrations(store, dir)).toEqual(['0001-a.sql'])
  await writeFile(join(dir, '0002-b.sql'), '-- breaking\nalter table a add m integer;\n')
  expect(await runMigrations(store, dir)).toEqual(['0002-b.sql'])
  expect(await runMigrations(store, dir)).toEqual([])
  await store.close()
})

it('lets two gateways start at once: one migrates, the other waits', async () => {
  const { store, dir } = await setUp({ '0001-a.sql': '-- additive\nselect pg_sleep(0.2);\n' })
  const both = await Promise.all([runMigrations(store, dir), runMigrations(store, dir)])
  expect(both.flat()).toEqual(['0001-a.sql'])
  await store.close()
})

it('refuses a landed migration that was edited', async () => {
  const { store, dir } = await setUp(first)
  await runMigrations(store, dir)
  await appendFile(join(dir, '0001-a.sql'), '-- later thought\n')
  await expect(runMigrations(store, dir)).rejects.toMatchObject({ code: 'migration_edited' })
  await store.close()
})

it('lets an older binary run on a newer additive schema, and refuses a breaking one', async () => {
  const { store, dir } = await setUp({ ...first, '0002-b.sql': '-- additive\nselect 1;\n' })
  await runMigrations(store, dir)
  const older = await setUp(first)
  expect(await runMigrations(store, older.dir)).toEqual([])
  await writeFile(join(dir, '0003-c.sql'), '-- breaking\nselect 1;\n')
  await runMigrations(store, dir)
  await expect(runMigrations(store, older.dir)).rejects.toMatchObject({
    code: 'schema_newer',
    messageZh: expect.stringContaining('请升级本程序') as unknown,
  })
  await store.close()
  await older.store.close()
})

it('undoes a migration that fails half way and leaves the lock free', async () => {
  const { store, dir } = await setUp({
    ...first,
    '0002-b.sql': '-- additive\ncreate table b (n integer);\nselect nonsense;\n',
  })
  await expect(runMigrations(store, dir)).rejects.toMatchObject({ code: 'migration_failed' })
  const { rows } = await store.pool.query("select to_regclass('a') as a, to_regclass('b') as b")
  expect(rows).toEqual([{ a: 'a', b: null }])
  await writeFile(join(dir, '0002-b.sql'), '-- additive\ncreate table b (n integer);\n')
  expect(await runMigrations(store, dir)).toEqual(['0002-b.sql'])
  await store.close()
})

it.each([
  ['no first line', { '0001-a.sql': 'select 1;\n' }],
  ['a gap', { ...first, '0003-c.sql': '-- additive\nselect 1;\n' }],
  ['one number twice', { ...first, '0001-b.sql': '-- additive\nselect 1;\n' }],
  ['a bad name', { '1_a.sql': '-- additive\nselect 1;\n' }],
])('refuses a folder with %s', async (_, files) => {
  const { store, dir } = await setUp(files)
  await expect(runMigrations(store, dir)).rejects.toMatchObject({ code: 'migration_invalid' })
  await store.close()
})

it('the folder of the product has every number once, without a gap, and says what kind each file is', async () => {
  const dir = join(import.meta.dirname, '../../migrations')
  const files = (await readdir(dir)).sort()
  expect(files.length).toBeGreaterThan(7)
  const numbers = files.map((file) => /^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1])
  expect(numbers).toEqual(files.map((_file, at) => String(at + 1).padStart(4, '0')))
  for (const file of files)
    expect(await readFile(join(dir, file), 'utf8'), file).toMatch(/^-- (additive|breaking)\n/)
})
