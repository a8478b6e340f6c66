import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { RecipeGateway } from './start-gateway.ts'

export const root = join(import.meta.dirname, '../..')
const curl = (name: string): string => join(root, 'docs/connect/curl', name)

/** Runs a program; its output. @throws with what it wrote to stderr when it fails */
export const run = async (
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<string> => {
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: environment })
    return stdout
  } catch (error) {
    throw error instanceof Error ? new Error(error.message + outputOf(error)) : error
  }
}

/** Some programs tell their errors to stdout. */
const outputOf = (error: Error): string =>
  'stdout' in error && typeof error.stdout === 'string' ? error.stdout : ''

const subjects = z.object({
  subjects: z.array(
    z.object({
      idType: z.string(),
      id: z.string(),
      name: z.string(),
      behaviour: z.string(),
      papers: z.array(
        z.object({ row: z.looseObject({ issuer: z.looseObject({ code: z.string() }) }) }),
      ),
    }),
  ),
})

export const materials = ['QD-RS-007-M01', 'QD-RS-007-M02'] as const

const everybody = async () => {
  const text = await readFile(join(root, 'src/demo/city/subjects.json'), 'utf8')
  return subjects.parse(JSON.parse(text)).subjects
}

const applicant = async () => {
  const found = (await everybody()).find(({ behaviour }) => behaviour === 'all_present')
  if (found === undefined) throw new Error('the city has nobody with all papers')
  return found
}

/** The rows of that person's papers that one department issues. */
export const papersOf = async (issuerCode: string): Promise<readonly unknown[]> =>
  (await applicant()).papers.flatMap(({ row }) => (row.issuer.code === issuerCode ? [row] : []))

/** The rows of everybody else's. */
export const otherPapersOf = async (issuerCode: string): Promise<readonly unknown[]> => {
  const { id } = await applicant()
  const others = (await everybody()).filter((subject) => subject.id !== id)
  return others.flatMap(({ papers }) =>
    papers.flatMap(({ row }) => (row.issuer.code === issuerCode ? [row] : [])),
  )
}

/** A case of that person. */
export const registrationOf = async (caseNo: string) => {
  const { idType, id, name } = await applicant()
  return {
    caseNo,
    itemCode: 'QD-RS-007',
    channel: 'hall' as const,
    subject: { idType, id, name },
    facts: { agent: false },
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
  }
}

/** Two departments push the papers of one person, and a second steward of each releases them. */
export const pushStock = async (gateway: RecipeGateway, cwd: string): Promise<void> => {
  for (const [department, code] of [
    ['police', '113702990037000297'],
    ['social-security', '11370299003700010A'],
  ] as const) {
    const rows = await papersOf(code)
    const file = join(cwd, `${department}.ndjson`)
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const by = (steward: string) => ({
      cwd,
      env: { ZQ_URL: gateway.publicUrl, ZQ_KEY: gateway.keyOf(`${department}-${steward}`) },
    })
    const shown = await run(['bash', curl('push-stock.sh'), code, file], by('steward-1'))
    const release = ['bash', curl('release-batch.sh'), ...shown.trim().split(' ')] as const
    await run(release, by('steward-2'))
  }
}

/** The registrar files a case of that person. Answers its id. */
export const registerCase = async (
  gateway: RecipeGateway,
  cwd: string,
  caseNo: string,
): Promise<string> => {
  const registration = await registrationOf(caseNo)
  const file = join(cwd, `${caseNo}.json`)
  await writeFile(file, JSON.stringify(registration))
  const env = { ZQ_URL: gateway.publicUrl, ZQ_KEY: gateway.keyOf('registrar-city') }
  const caseId = (await run(['bash', curl('register-case.sh'), file], { cwd, env })).trim()
  if (caseId === '') throw new Error('no case was registered')
  return caseId
}

const answers = z.object({
  data: z.object({
    materials: z.array(
      z.object({
        code: z.string(),
        state: z.string(),
        licence: z.object({ fields: z.record(z.string(), z.json()) }).optional(),
      }),
    ),
  }),
})

/** What a recipe left behind is what the city holds, and verifies offline. @throws otherwise */
export const expectAnswers = async (
  gateway: RecipeGateway,
  script: string,
  cwd: string,
): Promise<void> => {
  const check = await statesIn(join(cwd, 'check.json'))
  expectSame(check, [
    'QD-RS-007-M01 available',
    'QD-RS-007-M02 available',
    'QD-RS-007-M03 not_needed',
    'QD-RS-007-M04 self_supplied',
  ])
  expectSame(await statesIn(join(cwd, 'fetch.json')), [
    'QD-RS-007-M01 fetched citizenId,name,validPeriod',
    'QD-RS-007-M02 fetched bankName,cardNumber,cardStatus,citizenId,name',
  ])
  for (const file of ['check.json', 'fetch.json']) {
    const verify = ['verify', join(cwd, file), '--offline', '--trust', gateway.trustDir]
    await run([process.execPath, script, ...verify], { cwd, env: {} })
  }
}

const statesIn = async (file: string): Promise<string[]> => {
  const { data } = answers.parse(JSON.parse(await readFile(file, 'utf8')))
  return data.materials.map(({ code, state, licence }) =>
    [code, state, ...(licence ? [Object.keys(licence.fields).sort().join(',')] : [])].join(' '),
  )
}

const expectSame = (found: readonly string[], expected: readonly string[]): void => {
  if (found.join('\n') !== expected.join('\n'))
    throw new Error(`expected\n${expected.join('\n')}\nbut found\n${found.join('\n')}`)
}
