import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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
const readmes = ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', 'LICENSE']
const more = ['tsconfig.build.json', '.npmrc', ...readmes]

/**
 * Packs a copy, so that no dist/ appears in the checkout, and unpacks it into another project, beside this
 * checkout's dependencies. `npm run test:installed` lets npm itself install it, dependencies and all.
 */
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

describe('the packed package, unpacked beside the dependencies of this checkout', () => {
  it('holds everything that runs', async () => {
    const paths = new Set(packed.files.map(({ path }) => path))
    const needed = [
      ...['package.json', 'LICENSE', 'README.md', 'README.zh-CN.md', 'CHANGELOG.md'],
      ...['src/cli/zhengqiao.js', 'dist/src/cli/command.js', 'dist/src/main.js'],
      ...['dist/adapters/departments.js', 'dist/src/crypto/wasm/gm-wasm-bytes.js'],
      ...['dist/src/client/public.js', 'dist/src/client/public.d.ts'],
      ...['certs/README.md', 'docs/examples.json', 'docs/operations.md'],
      ...(await readdir(join(root, 'migrations'))).map((name) => `migrations/${name}`),
      ...(await readdir(join(root, 'src/demo/city'))).map((name) => `src/demo/city/${name}`),
    ]
    expect(needed.filter((path) => !paths.has(path))).toEqual([])
  })

  it('holds no tests, no sources twice, no data, no keys, and is small', () => {
    const odd = packed.files
      .map(({ path }) => path)
      .filter((path) =>
        /(^|\/)(test|data|bench-results|coverage)\/|\.(pem|key|map|log)$/.test(path),
      )
    const sources = packed.files.filter(({ path }) => /(?<!\.d)\.ts$/.test(path))
    expect([...odd, ...sources]).toEqual([])
    expect(packed.size).toBeLessThan(1_500_000)
  })

  it('has every type declaration that the client’s own ones name', async () => {
    const home = join(project, 'node_modules', 'zhengqiao')
    const seen = new Set<string>()
    const follow = async (file: string): Promise<void> => {
      if (seen.has(file)) return
      seen.add(file)
      const text = await readFile(file, 'utf8')
      for (const [, path = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g))
        await follow(join(dirname(file), `${path}.d.ts`))
    }
    await follow(join(home, 'dist/src/client/public.d.ts'))
    expect(seen.size).toBeGreaterThan(20)
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
