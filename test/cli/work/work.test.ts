import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { papersOf, registrationOf, root } from '../../recipes/recipe-city.ts'
import { type RecipeGateway, startGateway } from '../../recipes/start-gateway.ts'
import { type Ran, runCaptured } from '../captured-io.ts'

// The commands against a real gateway in a process of its own, in the order of a working day.

const police = '113702990037000297'
const materialCodes = ['QD-RS-007-M01', 'QD-RS-007-M02']
let gateway: RecipeGateway
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhengqiao-work-'))
  gateway = await startGateway(join(root, 'src/cli/zhengqiao.js'))
}, 120_000)
afterAll(async () => {
  await gateway.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (as: string, ...args: string[]): Promise<Ran> =>
  runCaptured([...args, ...(args.includes('--key') ? [] : ['--key', gateway.keyOf(as)])], {
    env: { ZHENGQIAO_DATA: gateway.dataDir, ZHENGQIAO_URL: gateway.publicUrl },
    workingDir: folder,
  })

const json = <Shape extends z.ZodType>(ran: Ran, shape: Shape): z.output<Shape> => {
  expect(ran.code, ran.err).toBe(0)
  return shape.parse(JSON.parse(ran.out))
}

const batch = z.object({
  batchId: z.string(),
  state: z.string(),
  root: z.string(),
  counts: z.object({ valid: z.number() }),
})

describe('zhengqiao stock', () => {
  it('finds a bad row before anything is sent', async () => {
    const [row] = z.array(z.looseObject({ number: z.string() })).parse(await papersOf(police))
    const rows = [row, { ...row, issuedAt: '2018-02-30' }]
    await writeFile(join(folder, 'bad.ndjson'), rows.map((each) => JSON.stringify(each)).join('\n'))
    const ran = await run('police-steward-1', 'stock', 'lint', 'bad.ndjson', '--issuer', police)
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/^2 {2}quarantine {2}\/issuedAt/m)
    expect(ran.out).toMatch(/rows 2 {2}loadable 1/)
  })

  it('pushes, goes on where it stopped, and releases by a second person only', async () => {
    const papers = await papersOf(police)
    const lines = papers.map((row) => `${JSON.stringify(row)}\n`).join('')
    await writeFile(join(folder, 'rows.ndjson'), lines)
    const push = ['stock', 'push', 'rows.ndjson', '--issuer', police, '--json']
    const pushed = json(await run('police-steward-1', ...push), batch)
    expect(pushed).toMatchObject({ state: 'validated', counts: { valid: papers.length } })

    const again = await run('police-steward-1', ...push, '--resume', pushed.batchId)
    expect(json(again, batch)).toEqual(pushed)

    const order = ['--root', pushed.root, '--rows', String(pushed.counts.valid)]
    const release = ['stock', 'release', pushed.batchId, ...order, '--json']
    const alone = await run('police-steward-1', ...release)
    expect(alone).toMatchObject({ code: 1 })
    expect(alone.err).toContain('release_needs_second_person')
    expect(json(await run('police-steward-2', ...release), batch).state).toBe('released')
  }, 60_000)

  it('lists what was found in the rows of a failed batch', async () => {
    await writeFile(join(folder, 'broken.ndjson'), '{"licenceId":1}\n')
    const push = ['stock', 'push', 'broken.ndjson', '--issuer', police, '--json']
    const ran = await run('police-steward-1', ...push)
    const shape = z.object({ batchId: z.string(), state: z.string() })
    const failed = shape.parse(JSON.parse(ran.out))
    expect([ran.code, failed.state]).toEqual([1, 'failed'])
    const found = await run('police-steward-1', 'stock', 'errors', failed.batchId)
    expect(found.out).toMatch(/^1:1 {2}quarantine/m)
  }, 30_000)

  it('goes on with no batch of another file', async () => {
    const push = ['stock', 'push', 'rows.ndjson', '--issuer', '11370299003700010A']
    const first = ['stock', 'push', 'rows.ndjson', '--issuer', police, '--json']
    const shape = z.object({ batchId: z.string() })
    const opened = shape.parse(JSON.parse((await run('police-steward-1', ...first)).out))
    const ran = await run('police-steward-1', ...push, '--resume', opened.batchId)
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain(`--resume ${opened.batchId}`)

    const rows = await readFile(join(folder, 'rows.ndjson'), 'utf8')
    await writeFile(join(folder, 'longer.ndjson'), `${rows}{}\n`)
    const longer = ['stock', 'push', 'longer.ndjson', '--issuer', police]
    const other = await run('police-steward-1', ...longer, '--resume', opened.batchId)
    expect(other).toMatchObject({ code: 1, out: '' })
    expect(other.err).toContain('the batch is of another file')
  }, 30_000)
})

describe('zhengqiao case, audit, receipt', () => {
  const caseId = z.object({ caseId: z.string() })
  const states = z.object({ materials: z.array(z.object({ code: z.string(), state: z.string() })) })
  const operator = ['--operator', 'clerk-city-001']
  let id = ''

  it('files a case, checks, fetches into a file, and closes', async () => {
    await writeFile(join(folder, 'case.json'), JSON.stringify(await registrationOf('QD-cli-1')))
    id = json(await run('registrar-city', 'case', 'open', 'case.json', '--json'), caseId).caseId
    const check = await run('clerk-city', 'case', 'check', id, ...operator, '--json')
    expect(json(check, states).materials[0]).toEqual({ code: materialCodes[0], state: 'available' })

    const [material = ''] = materialCodes
    const fetch = ['case', 'fetch', id, '--material', material, '--out', 'fetched.json']
    const fetched = await run('clerk-city', ...fetch, ...operator)
    expect(fetched.out).toContain('citizenId name validPeriod')
    expect(fetched.out, 'contents stay out of the terminal').not.toContain('370299190001010013')
    const offline = await runCaptured(
      ['verify', 'fetched.json', '--trust', gateway.trustDir, '--offline'],
      { workingDir: folder },
    )
    expect(offline.code).toBe(0)
  })

  it('tells an auditor who read it and why, and gives the receipt', async () => {
    const search = ['audit', 'search', '--case', id, '--reason', '核查', '--json']
    const events = z.object({
      events: z.array(z.object({ no: z.string(), event: z.looseObject({ action: z.string() }) })),
    })
    const found = json(await run('auditor-1', ...search), events).events
    expect(found.map(({ event }) => event.action)).toContain('case.fetch')
    const [newest] = found
    const get = ['receipt', 'get', newest?.no ?? '', '--out', 'receipt.json']
    expect((await run('auditor-1', ...get)).out).toContain(`no  ${newest?.no ?? ''}`)
    const kept = z
      .object({ receipt: z.object({ no: z.string() }) })
      .parse(JSON.parse(await readFile(join(folder, 'receipt.json'), 'utf8')))
    expect(kept.receipt.no).toBe(newest?.no)
    const cosigned = await run('auditor-1', 'receipt', 'cosigned', 'receipt.json')
    expect(cosigned).toMatchObject({ code: 1 })
    expect(cosigned.err).toContain('cosignatures_missing')
  })

  it.each(['中文', 'two\nlines', ''])(
    'takes no operator that no header takes: %j',
    async (name) => {
      const ran = await run('clerk-city', 'case', 'check', id, '--operator', name)
      expect(ran).toMatchObject({ code: 3, out: '' })
      expect(ran.err).toMatch(/^--operator\n/)
    },
  )

  it('asks for nothing when the answer could not be kept', async () => {
    const chain = () => readFile(join(gateway.keyOf('clerk-city'), 'chain.json'), 'utf8')
    const before = await chain()
    const fetch = ['case', 'fetch', id, '--material', materialCodes[0] ?? '', ...operator]
    const ran = await run('clerk-city', ...fetch, '--out', 'nowhere/fetched.json')
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toBe(
      `写不了文件 / cannot write: ${join(folder, 'nowhere/fetched.json')} (ENOENT)\n`,
    )
    expect(await chain()).toBe(before)
  })

  it('names a chain file that cannot be read', async () => {
    const key = join(folder, 'damaged')
    await cp(gateway.keyOf('clerk-city'), key, { recursive: true })
    await writeFile(join(key, 'chain.json'), '{"sequence":')
    const ran = await run('clerk-city', 'case', 'show', id, '--key', key)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toBe(`读不了请求链 / chain file: ${join(key, 'chain.json')}\n`)
  })

  it('closes the case, after which nothing is told under it', async () => {
    const close = ['case', 'close', id, '--outcome', 'approved']
    expect((await run('registrar-city', ...close)).code).toBe(0)
    const check = await run('clerk-city', 'case', 'check', id, ...operator)
    expect(check).toMatchObject({ code: 1, err: expect.stringContaining('case_closed') as unknown })
  })

  it.each([
    ['case', 'fetch', 'x'],
    ['case', 'close', 'x', '--outcome', 'maybe'],
    ['case', 'open'],
    ['audit', 'search', '--licence', 'x'],
    ['audit', 'search', '--reason', '核查', '--limit', '0'],
    ['stock', 'push', 'rows.ndjson'],
    ['stock', 'release', 'x', '--root', 'r', '--rows', 'many'],
    ['receipt', 'cosigned', 'f', '--witnesses', '0'],
  ])('answers a wrong command line with its usage: %s %s %s', async (command, ...args) => {
    const ran = await run('clerk-city', command, ...args)
    expect(ran.code).toBe(3)
    expect(ran.err).toContain(`zhengqiao ${command}`)
  })
})

describe('zhengqiao licence', () => {
  const socialSecurity = '11370299003700010A'
  const issued = z.object({ licenceId: z.string(), status: z.string(), repeated: z.boolean() })
  const issue = () => run('push-social-security', 'licence', 'issue', 'licence.json', '--json')
  let orderId = ''
  let licenceId = ''

  it('issues single licences once a steward, not the system itself, has allowed it', async () => {
    const rows = z.array(z.looseObject({ typeCode: z.string() }))
    const [row] = rows.parse(await papersOf(socialSecurity))
    await writeFile(join(folder, 'licence.json'), JSON.stringify(row))
    const refused = await issue()
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('precondition_failed')])

    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    const types = ['--type', row?.typeCode ?? '']
    const terms = ['--issuer', socialSecurity, ...types, '--per-day', '5', '--until', until]
    const allow = ['licence', 'allow', ...terms, '--json']
    expect((await run('push-social-security', ...allow)).code).toBe(1)
    const order = z.object({ orderId: z.string(), perDayMax: z.literal(5) })
    orderId = json(await run('social-security-steward-1', ...allow), order).orderId

    const first = json(await issue(), issued)
    expect(first).toMatchObject({ status: 'active', repeated: false })
    licenceId = first.licenceId
    expect(json(await issue(), issued)).toMatchObject({ licenceId, repeated: true })
  }, 60_000)

  it('suspends it for a stated reason, and shows the department its versions', async () => {
    const document = ['--reason', '法院冻结', '--document', '2026鲁0299执1号']
    const change = ['licence', 'status', licenceId, '--to', 'suspended']
    expect((await run('push-social-security', ...change)).code).toBe(3)
    const changed = await run('push-social-security', ...change, ...document)
    expect([changed.code, changed.err]).toEqual([0, ''])
    expect(changed.out).toMatch(/active → suspended/)
    const versions = await run('push-social-security', 'licence', 'versions', licenceId)
    expect(versions.out).toMatch(/^001 {2}suspended /)
    const strangers = await run('push-police', 'licence', 'versions', licenceId)
    expect(strangers).toMatchObject({ code: 1, out: '' })
    expect(strangers.err).toContain('licence_not_found')
  }, 30_000)

  it('issues nothing more once the steward has ended the order', async () => {
    const ended = await run('social-security-steward-1', 'licence', 'disallow', orderId)
    expect([ended.code, ended.err]).toEqual([0, ''])
    const [, row] = await papersOf(socialSecurity)
    await writeFile(join(folder, 'licence.json'), JSON.stringify(row))
    expect((await issue()).err).toContain('precondition_failed')
  }, 30_000)

  it.each([
    ['allow', '--issuer', socialSecurity, '--per-day', '5', '--until', '2026-12-01'],
    ['allow', '--issuer', socialSecurity, '--type', 'x', '--per-day', '0', '--until', '2026-12-01'],
    ['status', 'x', '--to', 'lost', '--reason', 'r', '--document', 'd'],
    ['issue'],
  ])('answers a wrong command line with its usage: licence %s', async (...args) => {
    const ran = await run('social-security-steward-1', 'licence', ...args)
    expect(ran.code).toBe(3)
    expect(ran.err).toContain('zhengqiao licence allow')
  })
})

describe('zhengqiao catalogue', () => {
  const local = (...args: string[]): Promise<Ran> =>
    runCaptured(['catalogue', ...args], {
      env: { ZHENGQIAO_DATA: gateway.dataDir },
      workingDir: folder,
    })
  const write = async (change: (items: { code: string; version: number }[]) => void) => {
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(root, 'src/demo/city', name), 'utf8'))
    const items = z
      .array(z.looseObject({ code: z.string(), version: z.number() }))
      .parse(await read('service-items.json'))
    change(items)
    const licenceTypes = await read('licence-types.json')
    await writeFile(
      join(folder, 'catalogue.json'),
      JSON.stringify({ licenceTypes, serviceItems: items }),
    )
  }

  it('refuses a material without source, with its place', async () => {
    await write(([item]) => Object.assign(item ?? {}, { materials: [{ ...broken }] }))
    const ran = await local('lint', 'catalogue.json')
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('/serviceItems/0/materials/0/source')
  })

  it('shows what differs from this machine’s gateway and takes it in, as an event', async () => {
    await write(([item]) => Object.assign(item ?? {}, { version: 2, promisedDays: 9 }))
    const differs = await local('diff', 'catalogue.json')
    expect(differs.code).toBe(1)
    expect(differs.out).toMatch(/\/promisedDays {2}\d+ → 9/)
    const imported = await local('import', 'catalogue.json', '--json')
    const { receiptNo } = json(imported, z.object({ receiptNo: z.string() }))
    expect((await local('diff', 'catalogue.json')).code).toBe(0)
    const receipt = await run('auditor-1', 'receipt', 'get', receiptNo)
    expect(receipt.out).toContain('action  catalogue.import')
  }, 30_000)
})

const broken = {
  code: 'M1',
  nameZh: '居民身份证',
  source: null,
  shortCode: null,
  typeCode: null,
  required: true,
  condition: null,
  role: 'applicant',
  fields: [],
  why: null,
  forDepartments: ['公安'],
}
