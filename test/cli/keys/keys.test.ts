import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dataKeyColumns } from '../../../src/wiring/data-key-columns.ts'
import { registrationOf, root } from '../../recipes/recipe-city.ts'
import { startedGateway } from '../../support/started-gateway.ts'
import { type Ran, runCaptured } from '../captured-io.ts'

// One rotation of the data keys from beginning to end, on a real database with stock, cases and evidence,
// with a gateway that works all the while.

const police = '113702990037000297'
const socialSecurity = '11370299003700010A'
const issuers: Readonly<Record<string, string>> = {
  [police]: 'police',
  [socialSecurity]: 'social-security',
}
const { folder, databaseUrl, publicUrl, config, restart } = await startedGateway()
const database = new pg.Client({ connectionString: databaseUrl })
let url = await restart()
let work: string

beforeAll(async () => {
  await database.connect()
  work = await mkdtemp(join(tmpdir(), 'zhengqiao-keys-'))
})
afterAll(async () => {
  await database.end()
  await rm(work, { recursive: true })
})

const env = { ZHENGQIAO_DATA: config.dataDir, DATABASE_URL: databaseUrl, ZHENGQIAO_URL: publicUrl }
const keys = (...args: string[]): Promise<Ran> =>
  runCaptured(['keys', ...args, '--json'], { env, workingDir: work })
const run = (as: string, ...args: string[]): Promise<Ran> => {
  const given = ['--key', join(folder.clients, as), '--connect', url, '--json']
  return runCaptured([...args, ...given], { env, workingDir: work })
}
const json = <Shape extends z.ZodType>(ran: Ran, shape: Shape): z.output<Shape> => {
  expect(ran.code, ran.err).toBe(0)
  return shape.parse(JSON.parse(ran.out))
}

const city = z.object({
  subjects: z.array(
    z.object({
      papers: z.array(
        z.object({ row: z.looseObject({ issuer: z.looseObject({ code: z.string() }) }) }),
      ),
    }),
  ),
})
const pushed = z.object({
  batchId: z.string(),
  state: z.string(),
  root: z.string().nullable(),
  counts: z.object({ valid: z.number(), duplicate: z.number() }),
})

const push = async (issuer: string): Promise<z.output<typeof pushed>> => {
  const text = await readFile(join(root, 'src/demo/city/subjects.json'), 'utf8')
  const rows = city
    .parse(JSON.parse(text))
    .subjects.flatMap(({ papers }) => papers.map(({ row }) => row))
    .filter((row) => row.issuer.code === issuer)
  await writeFile(join(work, `${issuer}.ndjson`), rows.map((row) => JSON.stringify(row)).join('\n'))
  const steward = `${issuers[issuer] ?? ''}-steward-1`
  const ran = await run(steward, 'stock', 'push', `${issuer}.ndjson`, '--issuer', issuer)
  return pushed.parse(JSON.parse(ran.out))
}
const load = async (issuer: string): Promise<void> => {
  const batch = await push(issuer)
  const order = ['--root', batch.root ?? '', '--rows', String(batch.counts.valid)]
  const steward = `${issuers[issuer] ?? ''}-steward-2`
  const released = await run(steward, 'stock', 'release', batch.batchId, ...order)
  expect(json(released, pushed).state).toBe('released')
}

const materials = z.object({
  materials: z.array(
    z.object({
      state: z.string(),
      licence: z.looseObject({ licenceId: z.string() }).optional(),
    }),
  ),
})
const operator = ['--operator', 'clerk-city-001']
const wanted = ['--material', 'QD-RS-007-M01', '--material', 'QD-RS-007-M02']

const openCase = async (caseNo: string): Promise<string> => {
  await writeFile(join(work, 'case.json'), JSON.stringify(await registrationOf(caseNo)))
  const shape = z.object({ caseId: z.string() })
  return json(await run('registrar-city', 'case', 'open', 'case.json'), shape).caseId
}
const fetchAll = async (caseId: string): Promise<z.output<typeof materials>> =>
  json(await run('clerk-city', 'case', 'fetch', caseId, ...wanted, ...operator), materials)
const expectWholeCase = async (caseNo: string): Promise<string> => {
  const caseId = await openCase(caseNo)
  const { materials: fetched } = await fetchAll(caseId)
  expect(fetched.map(({ state }) => state)).toEqual(['fetched', 'fetched'])
  return caseId
}

const keyStatus = z.object({
  keys: z.array(z.object({ keyId: z.string(), state: z.string(), rows: z.number() })),
})
const status = async () => json(await keys('status'), keyStatus).keys
const rowsUnderPrevious = async (): Promise<number> =>
  (await status()).find(({ state }) => state === 'previous')?.rows ?? 0

let firstCase: string
let frozen: string
/** What a push of the same rows finds: all that is in stock already. */
let repeatedPush: unknown

describe('the list of columns with data keys', () => {
  it('is that of the database', async () => {
    const { rows } = await database.query<{ name: string }>(`
      select table_name || '.' || column_name as name from information_schema.columns
      join pg_class c on c.relname = table_name
      where table_schema = 'public' and not c.relispartition and column_name ~ '(^|_)key_id$'`)
    expect(dataKeyColumns.map(({ table, keyId }) => `${table}.${keyId}`).sort()).toEqual(
      rows.map(({ name }) => name).sort(),
    )
  })
})

describe('a rotation of the data keys', () => {
  it('begins with stock, a case, evidence and a frozen licence under one key', async () => {
    await load(police)
    await load(socialSecurity)
    firstCase = await expectWholeCase('QD20181130-keys-1')
    repeatedPush = (await push(police)).counts
    expect(repeatedPush).toMatchObject({ duplicate: 81 })
    const { materials: fetched } = await fetchAll(firstCase)
    const licenceId = fetched[0]?.licence?.licenceId ?? ''
    const { rows } = await database.query<{ licence_id: string }>(
      'select licence_id from licence where issuer_code = $1 and licence_id <> $2 limit 1',
      [police, licenceId],
    )
    frozen = rows[0]?.licence_id ?? ''
    await database.query("update licence set status = 'suspended' where licence_id = $1", [frozen])
    expect((await status()).map(({ state }) => state)).toEqual(['current'])
  }, 60_000)

  it('prepares a key that all nodes know before anybody writes under it', async () => {
    expect((await keys('rotate', '--prepare')).code).toBe(0)
    expect((await keys('rotate', '--prepare')).code).toBe(1)
    expect((await status()).map(({ state }) => state)).toEqual(['current', 'next'])
    expect(json(await keys('reindex'), z.object({ moved: z.number() }))).toEqual({ moved: 0 })
    url = await restart()
    await expectWholeCase('QD20181130-keys-2')
    expect((await status())[1]).toMatchObject({ state: 'next', rows: 0 })
    expect((await keys('rotate')).code).toBe(0)
    expect((await status()).map(({ state }) => state)).toEqual(['current', 'previous'])
  }, 60_000)

  it('moves nothing while a gateway still writes under the previous key', async () => {
    const ran = await keys('reindex')
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('重启')
    const before = await rowsUnderPrevious()
    await expectWholeCase('QD20181130-keys-3')
    expect(await rowsUnderPrevious()).toBeGreaterThan(before)
  }, 60_000)

  it('works under two keys: old stock is found, a repeated push is recognised', async () => {
    url = await restart()
    const before = await rowsUnderPrevious()
    await expectWholeCase('QD20181130-keys-4')
    expect(await openCase('QD20181130-keys-1')).toBe(firstCase)
    expect(await rowsUnderPrevious()).toBe(before)
    expect((await push(police)).counts).toEqual(repeatedPush)
  }, 60_000)

  it('goes on after it was killed in the middle, with a gateway at work', async () => {
    const all = await rowsUnderPrevious()
    const script = join(root, 'src/cli/zhengqiao.js')
    const child = spawn(process.execPath, [script, 'keys', 'reindex', '--page-rows', '1'], {
      env: { ...env, PATH: process.env['PATH'] },
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    while ((await rowsUnderPrevious()) > all - 20) await setTimeout(20)
    child.kill('SIGKILL')
    await ended
    const left = await rowsUnderPrevious()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(all)
    await expectWholeCase('QD20181130-keys-5')

    const shape = z.object({ moved: z.number(), retired: z.string() })
    const { moved, retired } = json(await keys('reindex'), shape)
    expect(moved).toBeGreaterThanOrEqual(1)
    expect(moved).toBeLessThan(all)
    const [current, ...others] = await status()
    expect([current?.state, others]).toEqual(['current', []])
    expect(await readFile(folder.dataKeys, 'utf8')).not.toContain(retired)
  }, 120_000)

  it('leaves nothing behind that needs the previous key', async () => {
    url = await restart()
    await expectWholeCase('QD20181130-keys-6')
    const { materials: again } = await fetchAll(firstCase)
    expect(again.map(({ state }) => state)).toEqual(['fetched', 'fetched'])
    expect(await openCase('QD20181130-keys-1')).toBe(firstCase)
    expect((await push(police)).counts).toEqual(repeatedPush)
    const search = ['audit', 'search', '--case', firstCase, '--reason', '轮换后核对']
    const shape = z.object({ events: z.array(z.object({ no: z.string() })) })
    const { events } = json(await run('auditor-1', ...search), shape)
    expect(events.length).toBeGreaterThan(3)
    for (const { no } of events) expect((await run('auditor-1', 'receipt', 'get', no)).code).toBe(0)
    const own = await database.query<{ count: string }>(
      "select count(*) as count from ledger_event where action = 'keys.reindex'",
    )
    expect(Number(own.rows[0]?.count)).toBe(1)
  }, 60_000)

  it('finds each holder, name and number under the new key alone', async () => {
    const subjects = await database.query<{ rows: string }>(`
      select count(*) as rows from ledger_event e join case_file f on f.case_id = e.case_id
      where e.subject_index is not null and e.subject_index <> f.subject_index`)
    expect(Number(subjects.rows[0]?.rows)).toBe(0)
    const orphans = await database.query<{ rows: string }>(`
      select (select count(*) from licence) - (select count(distinct licence_id) from licence_number)
        + (select count(*) from licence) - (select count(distinct licence_id) from licence_holder)
        + (select count(*) from licence)
        - (select count(distinct licence_id) from licence_identifier where not legacy) as rows`)
    expect(Number(orphans.rows[0]?.rows)).toBe(0)
    expect(frozen).not.toBe('')
  })
})
