import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { removeCluster } from '../../src/store/embedded-cluster.ts'
import { papersOf, registrationOf, root, run as runProgram } from '../recipes/recipe-city.ts'
import { type RecipeGateway, serveFolder, startGateway } from '../recipes/start-gateway.ts'
import { type Ran, runCaptured } from './captured-io.ts'

// Backup and Restore of docs/operations.md with the embedded database, word by word.

const script = join(root, 'src/cli/zhengqiao.js')
const police = '113702990037000297'
let folder: string
let backup: string
let restored: string
let gateway: RecipeGateway
let stopRestored: (() => Promise<void>) | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-restore-'))
  await runProgram(['chmod', '711', folder], { cwd: folder, env: {} })
  backup = join(folder, 'backup')
  restored = join(folder, 'restored')
  gateway = await startGateway(script)
}, 120_000)
afterAll(async () => {
  await stopRestored?.()
  await removeCluster(restored).catch(() => undefined)
  await gateway.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (as: string, ...args: string[]): Promise<Ran> =>
  runCaptured([...args, '--key', join(folder, as)], {
    env: { ZHENGQIAO_DATA: dataDir(), ZHENGQIAO_URL: gateway.publicUrl },
    workingDir: folder,
  })
const dataDir = (): string => (stopRestored === undefined ? gateway.dataDir : restored)
const json = <Shape extends z.ZodType>(ran: Ran, shape: Shape): z.output<Shape> => {
  expect(ran.code, ran.err).toBe(0)
  return shape.parse(JSON.parse(ran.out))
}
const copy = async (from: string, to: string, names: readonly string[]): Promise<void> => {
  await mkdir(to, { recursive: true, mode: 0o711 })
  for (const name of names)
    await runProgram(['cp', '-a', join(from, name), to], { cwd: folder, env: {} })
}

const keyParts = ['keys', 'gateway.json', 'trust']
const material = 'QD-RS-007-M01'
const operator = ['--operator', 'clerk-city-001']
let caseId = ''

const fetchInto = async (file: string): Promise<void> => {
  const fetch = ['case', 'fetch', caseId, '--material', material, '--out', file, ...operator]
  const fetched = await run('clerk-city', ...fetch)
  expect(fetched.code, fetched.err).toBe(0)
  expect(fetched.out).toContain('citizenId name validPeriod')
}
const verifies = async (file: string): Promise<void> => {
  const args = ['verify', file, '--trust', join(dataDir(), 'trust'), '--offline']
  const { code, out, err } = await runCaptured(args, { workingDir: folder })
  expect(code, out + err).toBe(0)
}
const reads = async (): Promise<readonly string[]> => {
  const search = ['audit', 'search', '--case', caseId, '--reason', '核查', '--json']
  const shape = z.object({ events: z.array(z.object({ no: z.string() })) })
  return json(await run('auditor-1', ...search), shape).events.map(({ no }) => no)
}

describe('a gateway restored from its backup', () => {
  it('is backed up after stock was released and a licence fetched', async () => {
    // The parties keep their own keys; they are in no backup of the gateway.
    await copy(join(gateway.dataDir, 'clients'), folder, [
      ...['police-steward-1', 'police-steward-2', 'registrar-city', 'clerk-city', 'auditor-1'],
    ])
    const rows = await papersOf(police)
    await writeFile(join(folder, 'rows.ndjson'), rows.map((row) => JSON.stringify(row)).join('\n'))
    const push = ['stock', 'push', 'rows.ndjson', '--issuer', police, '--json']
    const shape = z.object({ batchId: z.string(), root: z.string() })
    const batch = json(await run('police-steward-1', ...push), shape)
    const order = ['--root', batch.root, '--rows', String(rows.length)]
    const released = await run('police-steward-2', 'stock', 'release', batch.batchId, ...order)
    expect(released.code, released.err).toBe(0)

    await writeFile(join(folder, 'case.json'), JSON.stringify(await registrationOf('QD-backup-1')))
    const opened = await run('registrar-city', 'case', 'open', 'case.json', '--json')
    caseId = json(opened, z.object({ caseId: z.string() })).caseId
    await fetchInto('before.json')

    await gateway.stopServing()
    await copy(gateway.dataDir, join(backup, 'keys'), keyParts)
    await copy(gateway.dataDir, join(backup, 'database'), ['postgres'])
    await rm(gateway.dataDir, { recursive: true })
  }, 120_000)

  it('is found well by the doctor, and serves', async () => {
    await copy(join(backup, 'keys'), restored, keyParts)
    await copy(join(backup, 'database'), restored, ['postgres'])
    const doctor = await runCaptured(['doctor', '--json'], {
      env: { ZHENGQIAO_DATA: restored, ZHENGQIAO_PORT: String(gateway.port) },
      workingDir: folder,
    })
    const findings = z
      .object({ findings: z.array(z.looseObject({ check: z.string(), status: z.string() })) })
      .parse(JSON.parse(doctor.out)).findings
    expect(findings.filter(({ status }) => status === 'wrong')).toEqual([])
    expect(findings.map(({ check }) => check)).toContain('schema')
    stopRestored = await serveFolder(script, { dataDir: restored, port: gateway.port })
  }, 120_000)

  it('opens the licence that stood in the database, and lets the old receipt verify', async () => {
    await verifies('before.json')
    await fetchInto('after.json')
    await verifies('after.json')
  }, 60_000)

  it('continues the same log: the earlier fetch is found, and its receipt is given again', async () => {
    const no = z
      .object({ receipt: z.object({ no: z.string() }) })
      .parse(JSON.parse(await readFile(join(folder, 'before.json'), 'utf8'))).receipt.no
    expect(await reads()).toContain(no)
    const got = await run('auditor-1', 'receipt', 'get', no, '--out', 'again.json')
    expect(got.code, got.err).toBe(0)
    await verifies('again.json')
  }, 60_000)

  it('opens nothing without its data keys', async () => {
    await stopRestored?.()
    await rm(join(restored, 'keys/data-keys.json'))
    const started = serveFolder(script, { dataDir: restored, port: gateway.port })
    await expect(started).rejects.toThrow(/ended with 1/)
    stopRestored = undefined
  }, 60_000)
})
