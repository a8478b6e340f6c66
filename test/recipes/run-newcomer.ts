import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { expectAnswers, materials, pushStock, registrationOf, root, run } from './recipe-city.ts'
import { names, type RecipeName, recipes, requireTools } from './recipes.ts'
import { type RecipeGateway, startGateway } from './start-gateway.ts'

// What docs/connect/onboarding.md says, word by word: an own client from nothing to its first signed check,
// by each recipe. Prints how long each step took. `npm run test:newcomer` does it in a fresh clone.

const script = join(root, 'src/cli/zhengqiao.js')
const item = 'QD-RS-007'
const types = {
  'police-steward-1': '113702990037000297016',
  'social-security-steward-1': '11370299003700010A001',
} as const

const timed = async <Result>(step: string, work: () => Promise<Result>): Promise<Result> => {
  const from = performance.now()
  const result = await work()
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  process.stdout.write(`${seconds.padStart(6)} s  ${step}\n`)
  return result
}

type Desk = (as: string, ...args: string[]) => Promise<string>
const deskOf =
  (gateway: RecipeGateway, cwd: string): Desk =>
  (as, ...args) => {
    const key = ['--key', gateway.keyOf(as), '--url', gateway.publicUrl]
    const command = [
      process.execPath,
      script,
      ...args,
      ...key,
      '--trust',
      gateway.trustDir,
      '--json',
    ]
    return run(['env', ...command], { cwd, env: {} })
  }

const idIn = (text: string, name: string): string =>
  z.object({ [name]: z.string() }).parse(JSON.parse(text))[name] ?? ''

const onboard = async (desk: Desk, cwd: string): Promise<void> => {
  const uscc = '11370200MB2345678X'
  await desk('admin-1', 'org', 'add', 'parks', '--name', '园林局', '--uscc', uscc, '--role', 'C')
  await desk('admin-1', 'client', 'add', 'parks-desk', '--org', 'parks', '--role', 'C')
  const operator = ['--client', 'parks-desk', '--name', '测试员', '--window', 'A01']
  await desk('admin-1', 'operator', 'add', 'parks-0001', ...operator)

  const own = ['cert', 'request', 'parks-desk', '--out', 'parks-desk']
  await run([process.execPath, script, ...own], { cwd, env: {} })
  const csr = ['--csr', 'parks-desk/request.pem']
  const requestId = idIn(
    await desk('admin-1', 'cert', 'request', 'parks-desk', ...csr),
    'requestId',
  )
  const out = ['--out', 'parks-desk/cert.pem']
  await desk('security-1', 'cert', 'issue', 'parks-desk', requestId, ...out)

  for (const [steward, type] of Object.entries(types)) {
    const what = ['--client', 'parks-desk', '--type', type, '--item', item]
    const proposed = await desk(
      'admin-1',
      'grant',
      'add',
      ...what,
      '--legal-basis',
      '《社会保险法》第五十八条',
    )
    await desk(steward, 'grant', 'approve', idIn(proposed, 'grantId'))
  }
}

const firstCheck = async (
  gateway: RecipeGateway,
  { desk, cwd, name }: { readonly desk: Desk; readonly cwd: string; readonly name: RecipeName },
): Promise<void> => {
  const registration = await registrationOf(`QD20181130-own-${name}`)
  const operator = { id: 'parks-0001', name: '测试员', window: 'A01' }
  await writeFile(join(cwd, 'case.json'), JSON.stringify({ ...registration, operator }))
  const caseId = idIn(await desk('registrar-city', 'case', 'open', 'case.json'), 'caseId')
  const env = {
    ZQ_URL: gateway.publicUrl,
    ZQ_KEY: join(cwd, 'parks-desk'),
    ZQ_OPERATOR: 'parks-0001',
  }
  await run([...recipes[name].command, caseId, ...materials], { cwd, env })
  await expectAnswers(gateway, script, cwd)
}

for (const name of names) await requireTools(name)
const cwd = await mkdtemp(join(tmpdir(), 'zhengqiao-newcomer-'))
const gateway = await timed('own gateway: zhengqiao init, serve', () => startGateway(script))
try {
  const desk = deskOf(gateway, cwd)
  await timed('stock of two departments, released by second persons', () => pushStock(gateway, cwd))
  await timed('own client onboarded: organisation, key, operator, grants', () => onboard(desk, cwd))
  for (const name of names)
    await timed(`first case, signed check and fetch, verified: ${name}`, () =>
      firstCheck(gateway, { desk, cwd, name }),
    )
} finally {
  await gateway.stop()
  await rm(cwd, { recursive: true, force: true })
}
