import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  expectAnswers,
  materials,
  pushStock,
  registerCase,
  root,
  run,
} from '../recipes/recipe-city.ts'
import { type RecipeGateway, startGateway } from '../recipes/start-gateway.ts'

let work: string
let project: string
let script: string
let packed: z.output<typeof packOutput>[number]
let gateway: RecipeGateway | undefined

const packOutput = z.array(
  z.object({
    filename: z.string(),
    size: z.number(),
    files: z.array(z.object({ path: z.string() })),
  }),
)
const parts = ['src', 'adapters', 'migrations', 'certs', 'docs', 'package.json', 'tsconfig.json']
const more = ['tsconfig.build.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.npmrc']

/** Packs a copy, so that no dist/ appears in the checkout, and unpacks it into another project. */
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'zhengqiao-pack-'))
  const copy = join(work, 'copy')
  await mkdir(copy)
  for (const part of [...parts, ...more])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const out = await run(['npm', 'pack', '--json', '--pack-destination', work], {
    cwd: copy,
    env: {},
  })
  const [first] = packOutput.parse(JSON.parse(out.slice(out.indexOf('['))))
  if (first === undefined) throw new Error('nothing packed')
  packed = first
  project = join(work, 'project')
  const home = join(project, 'node_modules', 'zhengqiao')
  await mkdir(home, { recursive: true })
  await run(['tar', '-xzf', join(work, packed.filename), '-C', home, '--strip-components=1'], {
    cwd: work,
    env: {},
  })
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  await symlink(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  script = join(home, 'src/cli/zhengqiao.js')
}, 300_000)

afterAll(async () => {
  await gateway?.stop()
  await rm(work, { recursive: true, force: true })
})

describe('the packed package', () => {
  it('holds what runs and no sources, tests or keys', () => {
    const paths = packed.files.map(({ path }) => path)
    expect(paths).toContain('dist/src/client/public.d.ts')
    expect(paths).toContain('migrations/0001-the-main-job.sql')
    const odd = paths.filter((path) => /(^test\/|^src\/.*\.ts$|\.pem$|^data\/|\.map$)/.test(path))
    expect(odd).toEqual([])
  })

  it('serves a gateway, and its client checks, fetches and verifies in another project', async () => {
    gateway = await startGateway(script)
    await pushStock(gateway, project)
    const caseId = await registerCase(gateway, project, 'QD20181130-pack')
    await cp(join(root, 'docs/connect/node/with-library.mjs'), join(project, 'recipe.mjs'))
    const env = {
      ZQ_URL: gateway.publicUrl,
      ZQ_KEY: gateway.keyOf('clerk-city'),
      ZQ_OPERATOR: 'clerk-city-001',
      ZQ_TRUST: gateway.trustDir,
    }
    await run([process.execPath, 'recipe.mjs', caseId, ...materials], { cwd: project, env })
    await expectAnswers(gateway, script, project)
    const chain: unknown = JSON.parse(await readFile(join(project, 'chain.json'), 'utf8'))
    expect(chain).toMatchObject({ sequence: 2 })
  }, 120_000)

  it('types what another project’s compiler sees', async () => {
    await writeFile(join(project, 'typed.ts'), consumer)
    await writeFile(join(project, 'tsconfig.json'), compilerOptions)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await run([process.execPath, tsc, '-p', 'tsconfig.json'], { cwd: project, env: {} })
  }, 120_000)
})

const consumer = `import { createZhengqiaoClient, type ZhengqiaoOptions } from 'zhengqiao/client'
export const states = async (options: ZhengqiaoOptions, caseId: string): Promise<string[]> => {
  const client = createZhengqiaoClient(options)
  const { data } = await client.cases.check(caseId, { materials: ['M1'] })
  // @ts-expect-error a state is one of a closed list
  const wrong: 'perhaps' = data.materials[0]!.state
  // @ts-expect-error a registration has an item code
  await client.cases.register({ caseNo: wrong })
  return data.materials.map(({ state }) => state)
}
`
const compilerOptions = JSON.stringify({
  compilerOptions: {
    ...{ target: 'ES2023', lib: ['ES2023'], types: ['node'], noEmit: true, strict: true },
    ...{ module: 'NodeNext', moduleResolution: 'NodeNext', skipLibCheck: true },
  },
  files: ['typed.ts'],
})
