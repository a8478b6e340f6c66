import { z } from 'zod'
import {
  checkCase,
  clerkOperator,
  expectStatus,
  expectThat,
  fetchCase,
  materialOf,
  materialsReply,
  type MaterialsReply,
  registerCase,
  subjectWho,
  type Walk,
  WalkError,
} from './walk.ts'

const fund = 'housing-fund'
const card = 'QD-GJJ-003-M01'
const house = 'QD-GJJ-003-M03'
const saving = 'QD-GJJ-003-M05'

const hallsReply = z.array(
  z.object({
    hallId: z.string(),
    nameZh: z.string(),
    colour: z.string(),
    condition: z.string(),
    business: z.object({ accepted: z.number(), finished: z.number() }).nullable(),
  }),
)

/** What stock does not hold is asked of the halls, live: all five in three cases. */
export const walkFiveHalls = async (walk: Walk): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('库里没有的,实时问五个大厅', 'What stock lacks, the five halls answer live')
  const person = subjectWho(walk, 'all_present')
  const migrant = walk.subjects.find(({ facts }) => facts?.['migrant'] === true)
  if (migrant === undefined) throw new WalkError('the city has no migrant')
  const cases = [
    { itemCode: 'QD-GJJ-003', subject: person, facts: fundFacts, codes: [card, house, saving] },
    { itemCode: 'QD-RS-007', subject: person, facts: { agent: false }, codes: ['QD-RS-007-M02'] },
    {
      itemCode: 'QD-GA-006',
      subject: migrant,
      facts: { migrant: true },
      codes: ['QD-GA-006-M02', 'QD-GA-006-M03'],
    },
  ]
  const lines: string[][] = []
  const sources = new Set<string>()
  for (const [place, { codes, ...wish }] of cases.entries()) {
    const caseId = await registerCase(walk, { caseNo: `QD20181130-004${String(place)}`, ...wish })
    const fetched = await fetchAll(walk, caseId, codes)
    for (const material of fetched.materials) {
      expectThat(material.state === 'fetched', `${material.code} is fetched`)
      sources.add(sourceOf(material))
      const voucher = vouchers[material.licence?.attestedBy ?? ''] ?? ''
      lines.push([material.code, sourceOf(material), voucher])
    }
  }
  narrator.rows(lines)
  expectThat(sources.size === 6, 'stock and all five halls have answered')
  narrator.good(
    '库存和五个大厅都已应答;大厅的答复由网关转证,注明来源和时间。',
    'Stock and all five halls have answered; the gateway attests which hall said it, and when.',
  )
}

const sourceOf = ({ licence, hall = '' }: MaterialsReply['materials'][number]): string =>
  licence?.attestedBy === 'gateway' ? hall : '库存'

const fundFacts = { married: false, propertyStage: 'registered' }

const vouchers: Readonly<Record<string, string>> = {
  department: '颁发部门签名',
  gateway: '网关转证',
}

/** The police take some questions in and answer a little later: the clerk system looks again. */
const fetchAll = async (
  walk: Walk,
  caseId: string,
  codes: readonly string[],
): Promise<MaterialsReply> => {
  const { answer } = await fetchCase(
    walk,
    caseId,
    codes.map((code) => ({ code })),
  )
  return answer.complete ? answer : pollUntilComplete(walk, caseId, answer.fetchId ?? '')
}

const pollEveryMs = 250
const pollsMax = 120

const pollUntilComplete = async (
  walk: Walk,
  caseId: string,
  fetchId: string,
): Promise<MaterialsReply> => {
  const clerk = walk.parties.clerkSystem.as('clerk-city', clerkOperator)
  for (let polls = 0; polls < pollsMax; polls += 1) {
    const reply = await clerk.get(`/v1/cases/${caseId}/fetches/${fetchId}`)
    const answer = materialsReply.parse(expectStatus(reply, 200, 'look again').data)
    if (answer.complete) return answer
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
  throw new WalkError('the fetch was not completed')
}

export type BrokenHall = {
  readonly caseId: string
  readonly fetchId: string
  readonly clearedAtMs: number
}

/** Stories 9 and 16: one hall goes away before the visitor's eyes; the others do not notice. */
export const walkHallDown = async (walk: Walk): Promise<BrokenHall> => {
  const { narrator } = walk
  narrator.chapter('公积金大厅中断:其余照常', 'The housing-fund hall goes away; the others do not')
  await walk.tellHall(fund, 'down')
  const caseId = await registerCase(walk, {
    caseNo: 'QD20181130-0050',
    itemCode: 'QD-GJJ-003',
    subject: subjectWho(walk, 'all_present'),
    facts: fundFacts,
  })
  const { answer } = await fetchCase(walk, caseId, [
    { code: card },
    { code: house },
    { code: saving },
  ])
  const lost = materialOf(answer, saving)
  expectThat(lost.state === 'source_down' && !answer.complete, 'the hall is away')
  expectThat(materialOf(answer, card).state === 'fetched', 'stock is not affected')
  expectThat(materialOf(answer, house).state === 'fetched', 'the land hall is not affected')
  narrator.rows(answer.materials.map(({ code, state, messageZh }) => [code, state, messageZh]))
  for (let calls = 0; calls < 5; calls += 1) await checkCase(walk, caseId)
  narrator.rows(await hallLines(walk))
  expectThat((await colourOf(walk)) === 'red', 'the hall is red')
  await walk.tellHall(fund, 'up')
  narrator.good(
    '大厅刚刚恢复;网关会自行发现并补取,先看别的。',
    'The hall is back as of now; the gateway will notice by itself. Meanwhile, something else.',
  )
  return { caseId, fetchId: answer.fetchId ?? '', clearedAtMs: narrator.elapsedMs() }
}

const greenWithinMs = 15_000

/** The part of story 10 without a commitment: found again, fetched by itself, nobody typed anything. */
export const walkHallBack = async (walk: Walk, broken: BrokenHall): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('大厅恢复:网关已自行补取', 'The hall is back: the gateway has fetched by itself')
  while ((await colourOf(walk)) !== 'green') {
    const waitedMs = narrator.elapsedMs() - broken.clearedAtMs
    expectThat(waitedMs < greenWithinMs, 'the hall is green within 15 s')
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
  const answer = await pollUntilComplete(walk, broken.caseId, broken.fetchId)
  expectThat(materialOf(answer, saving).state === 'fetched', 'the missing paper is fetched')
  narrator.rows(await hallLines(walk))
  narrator.good(
    '同一次调取现已补全,无人重新录入。',
    'The very same fetch is complete now; nobody typed anything again.',
  )
}

const readHalls = async ({ parties }: Walk): Promise<z.output<typeof hallsReply>> => {
  const reply = await parties.auditor.as('supervisor-1').get('/v1/halls')
  return hallsReply.parse(expectStatus(reply, 200, 'look at the halls').data)
}

const colourOf = async (walk: Walk): Promise<string> =>
  (await readHalls(walk)).find(({ hallId }) => hallId === fund)?.colour ?? ''

const marks: Readonly<Record<string, string>> = { green: '●', amber: '◐', red: '○', grey: '–' }

const conditions: Readonly<Record<string, string>> = {
  up: '正常',
  slow: '缓慢',
  down: '中断',
  maintenance: '维护',
}

const hallLines = async (walk: Walk): Promise<string[][]> =>
  (await readHalls(walk)).map(({ nameZh, colour, condition, business }) => [
    marks[colour] ?? '',
    nameZh,
    conditions[condition] ?? condition,
    business === null ? '' : `受理 ${String(business.accepted)} 办结 ${String(business.finished)}`,
  ])
