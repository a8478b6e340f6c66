import type { Clock } from '../../src/contract/clock.ts'
import type { RandomBytes } from '../../src/contract/uuid.ts'
import {
  askSource,
  childOf,
  encodePaper,
  garbleRecords,
  loadSimulatedCity,
  parseXml,
  sameName,
  startHttpSimulator,
  textOf,
  xmlElement,
  type Fields,
  type JsonObject,
  type Mood,
  type SimulatedAnswer,
  type SimulatedCall,
  type SimulatedCity,
  type SimulatedPaper,
  type SimulatedRequest,
  type SimulatedSubject,
  type Simulator,
  type XmlNode,
} from '../../src/halls/adapter.ts'
import { encodeRecord, type ServiceVersion } from './messages.ts'
import { reply } from './simulated-reply.ts'
import { businesses, type PoliceBusiness } from './tables.ts'

export type PoliceOptions = {
  readonly hallId: string
  readonly typeCodes: readonly string[]
  readonly version: ServiceVersion
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly clock: Clock
  readonly random: RandomBytes
  readonly password: string
  /** How long an application takes on a good day. */
  readonly readyMs?: number
  readonly port?: number
  readonly controlPort?: number
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string }
}

const appName = 'ZHENGQIAO'

type Application = { readonly question: Question; readonly readyAtMs: number }
type Station = {
  readonly options: PoliceOptions
  readonly city: SimulatedCity
  readonly applications: Map<string, Application>
  token: string
}
type Question = {
  readonly sequence: string
  readonly typeCode: string
  readonly id: string
  readonly name: string
}

/** The police request service of one hall, on loopback. */
export const startPoliceSimulator = async (
  options: PoliceOptions,
): Promise<Simulator & { readonly settings: JsonObject }> => {
  const city = loadSimulatedCity(options.hallId, options.subjects, options.rows)
  const station: Station = { options, city, applications: new Map(), token: newToken(options) }
  const simulator = await startHttpSimulator({
    ...options,
    city,
    answersLater: true,
    receive: (request) => receive(station, request),
    rotate: () => {
      station.token = newToken(options)
    },
  })
  const { version, typeCodes } = options
  const address = '青岛市政务服务大厅'
  return {
    ...simulator,
    settings: { baseUrl: simulator.url, version, appName, address, typeCodes },
  }
}

const newToken = ({ random }: PoliceOptions): string => Buffer.from(random(18)).toString('hex')

const receive = (station: Station, request: SimulatedRequest): SimulatedCall => {
  const parsed = parseXml(request.body.toString('utf8'))
  const root = parsed.ok ? parsed.root : undefined
  const query = childOf(childOf(root, 'Body'), 'QueryRequest')
  const security = childOf(childOf(root, 'Header'), 'Security')
  const business = textOf(query, 'BusinessType') ?? ''
  const sequence = textOf(query, 'MessageSequence') ?? ''
  const say = (code: string, parts: readonly string[] = []): SimulatedAnswer =>
    reply(station.options.version, sequence, code, parts)
  if (business === 'GET-TOKEN') return tokenCall(station, query, say)
  const refusal = refusalOf(station, security, query, business)
  if (refusal !== undefined) return { operation: 'refused', answer: () => say(refusal) }
  return { ...serve(station, business, sequence, query, say) }
}

type Say = (code: string, parts?: readonly string[]) => SimulatedAnswer

const tokenCall = (station: Station, query: XmlNode | undefined, say: Say): SimulatedCall => {
  const condition = childOf(query, 'Condition')
  const isRight =
    textOf(condition, 'AppName') === appName &&
    textOf(condition, 'Password') === station.options.password
  const answer = (): SimulatedAnswer =>
    isRight
      ? say('0000', [xmlElement('Token', station.token), xmlElement('LivesSeconds', '1800')])
      : say('2004')
  return { operation: 'token', answer: inMood(say, answer) }
}

/** Token, application and clerk come before any business. */
const refusalOf = (
  { token }: Station,
  security: XmlNode | undefined,
  query: XmlNode | undefined,
  business: string,
): string | undefined => {
  if (textOf(security, 'AppName') !== appName) return '2003'
  if (textOf(security, 'Token') !== token) return '2002'
  const isService = ['HEARTBEAT', 'SUPERVISION'].includes(business)
  const idCard = textOf(childOf(query, 'Clerk'), 'IdCard') ?? ''
  return isService || /^\d{17}[\dX]$/.test(idCard) ? undefined : '2101'
}

const serve = (
  station: Station,
  business: string,
  sequence: string,
  query: XmlNode | undefined,
  say: Say,
): SimulatedCall => {
  if (business === 'HEARTBEAT')
    return { operation: 'heartbeat', answer: inMood(say, () => say('0000', [])) }
  if (business === 'SUPERVISION')
    return { operation: 'business', answer: inMood(say, () => say('0000', work)) }
  const [, name = '', act = ''] = /^(.+)-(CHECK|APPLY|RESPONSE)$/.exec(business) ?? []
  const typeCode = station.options.typeCodes.find((code) => businesses.get(code)?.business === name)
  if (typeCode === undefined) return { operation: 'unknown', answer: () => say('2301') }
  const condition = childOf(query, 'Condition')
  const id = textOf(condition, 'GMSFHM') ?? ''
  const question = { sequence, typeCode, id, name: textOf(condition, 'XM') ?? '' }
  const answers: Readonly<Record<string, (mood: Mood) => SimulatedAnswer>> = {
    CHECK: (mood) => findAnswer(station, question, mood, say),
    APPLY: (mood) => apply(station, question, mood, say),
    RESPONSE: (mood) => respond(station, textOf(condition, 'ApplyNo') ?? '', mood, say),
  }
  const answer = answers[act] ?? (() => say('2301'))
  return { operation: act.toLowerCase(), holderId: id, answer: inMood(say, answer) }
}

const inMood =
  (say: Say, answer: (mood: Mood) => SimulatedAnswer) =>
  (mood: Mood): SimulatedAnswer => {
    if (mood.act === 'refuse') return refuse(mood, say)
    if (mood.act === 'maintenance') return say('2999')
    if (mood.act !== 'garble') return answer(mood)
    if (mood.form === 'failure_inside') return say('9999')
    if (mood.form === 'bomb') return { ...answer(mood), body: Buffer.from(bomb) }
    if (mood.form === 'external_entity') return { ...answer(mood), body: Buffer.from(external) }
    if (mood.form === 'deep') return { ...answer(mood), body: Buffer.from('<a>'.repeat(5_000)) }
    return answer(mood)
  }

/** Peaks are refused in the protocol's own words unless another status is asked for. */
const refuse = (mood: Mood, say: Say): SimulatedAnswer =>
  mood.status === 503
    ? { status: 503, contentType: 'text/html', body: Buffer.from('<html>503</html>') }
    : { ...say('2901'), status: mood.status }

const bomb =
  '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><b>&b;</b>'
const external =
  '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>'

/** Older ones have run out: whoever asks for them is told so. */
const applicationsMax = 2_000

const apply = (station: Station, question: Question, mood: Mood, say: Say): SimulatedAnswer => {
  const { options, applications } = station
  const waitMs = mood.act === 'late' ? mood.ms : (options.readyMs ?? 60)
  const applyNo = `SQ${Buffer.from(options.random(8)).toString('hex')}`
  const [oldest] = applications.keys()
  if (oldest !== undefined && applications.size >= applicationsMax) applications.delete(oldest)
  applications.set(applyNo, { question, readyAtMs: options.clock.now().getTime() + waitMs })
  return say('0000', [xmlElement('ApplyNo', applyNo), ...applyState('1', waitMs)])
}

const applyState = (state: string, waitMs: number): readonly string[] => [
  xmlElement('ApplyState', state),
  xmlElement('WaitSeconds', (Math.max(0, waitMs) / 1_000).toFixed(2)),
]

const respond = (station: Station, applyNo: string, mood: Mood, say: Say): SimulatedAnswer => {
  const application = station.applications.get(applyNo)
  if (application === undefined || mood.form === 'apply_expires')
    return say('0000', applyState('5', 0))
  if (mood.form === 'apply_fails') return say('0000', applyState('4', 0))
  const leftMs = application.readyAtMs - station.options.clock.now().getTime()
  if (leftMs > 0) return say('0000', applyState('2', leftMs))
  return findAnswer(station, application.question, mood, say, applyState('3', 0))
}

const findAnswer = (
  { city, options }: Station,
  question: Question,
  mood: Mood,
  say: Say,
  before: readonly string[] = [],
): SimulatedAnswer => {
  const { typeCode, id, name, sequence } = question
  const business = businesses.get(typeCode)
  const source = askSource(city, { id, name }, typeCode, sameName)
  if (source.verdict === 'sealed' || business === undefined) return say('2302')
  if (source.verdict !== 'held') return say('0000', [...before, ...checkCode(source.verdict)])
  const form = mood.act === 'garble' ? mood.form : ''
  const records = recordsOf(business, source.papers, form).map((record) =>
    encodeRecord(options.version, record),
  )
  const parts = [...before, ...checkCode('held'), xmlElement('Records', records)]
  return form === 'other_request'
    ? reply(options.version, `9${sequence.slice(1)}`, '0000', parts)
    : say('0000', parts)
}

const checkCode = (verdict: 'held' | 'absent' | 'name_differs'): readonly string[] => {
  const [code, description] = {
    held: ['0', '一致'],
    absent: ['1', '库中无此号'],
    name_differs: ['2', '姓名不一致'],
  }[verdict]
  return [xmlElement('CheckCode', code ?? ''), xmlElement('CheckCodeDesc', description ?? '')]
}

const recordsOf = (
  business: PoliceBusiness,
  papers: readonly SimulatedPaper[],
  form: string,
): readonly Fields[] => {
  const records = papers.map((paper) => encodePaper(paper, business))
  const { name, id } = business.holder
  const replaced = {
    ...(form === 'other_holder' ? { [id]: '370299190001019991' } : {}),
    ...(form === 'other_name' ? { [name]: '某某某' } : {}),
  }
  return garbleRecords(
    form,
    records.map((record) => ({ ...record, ...replaced })),
    business.head,
  )
}

const work: readonly string[] = [
  xmlElement('Accepted', '203'),
  xmlElement('Finished', '187'),
  xmlElement('Overdue', '5'),
  xmlElement('Queue', [xmlElement('Name', '窗口受理'), xmlElement('Length', '7')]),
  xmlElement('Queue', [xmlElement('Name', '制证'), xmlElement('Length', '22')]),
]
