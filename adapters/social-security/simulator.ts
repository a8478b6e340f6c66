import { createCipheriv, createHash } from 'node:crypto'
import type { Clock } from '../../src/contract/clock.ts'
import type { RandomBytes } from '../../src/contract/uuid.ts'
import {
  askSource,
  encodePaper,
  flatFields,
  garbleRecords,
  isRecord,
  loadSimulatedCity,
  parseHallJson,
  sameName,
  startHttpSimulator,
  type JsonObject,
  type Mood,
  type SimulatedAnswer,
  type SimulatedCall,
  type SimulatedCity,
  type SimulatedPaper,
  type SimulatedRequest,
  type SimulatedSubject,
  type Simulator,
} from '../../src/halls/adapter.ts'
import { documentKindOf, refreshSid, signEnvelope } from './messages.ts'
import { tables } from './tables.ts'

export type SocialSecurityOptions = {
  readonly hallId: string
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly clock: Clock
  readonly random: RandomBytes
  readonly appKey: string
  readonly port?: number
  readonly controlPort?: number
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string }
}

const prefix = 'gjgxjhpt_'
const rid = 'qingdao-zhengqiao'
const heartbeatSid = 'rs-heartbeat'
const businessSid = 'rs-business'
const windowMs = 300_000
const secretLivesMs = 1_800_000

type Platform = {
  readonly options: SocialSecurityOptions
  readonly city: SimulatedCity
  secret: string
}

/** Service ids of the simulated platform, by type code. */
const services = Object.fromEntries(
  [...tables.keys()].map((code) => [code, `rs-${code.slice(-3)}`]),
)

/** The share platform with the social-security services behind it, on loopback. */
export const startSocialSecuritySimulator = async (
  options: SocialSecurityOptions,
): Promise<Simulator & { readonly settings: JsonObject }> => {
  const city = loadSimulatedCity(options.hallId, options.subjects, options.rows)
  const platform: Platform = { options, city, secret: newSecret(options) }
  const simulator = await startHttpSimulator({
    ...options,
    city,
    answersLater: false,
    receive: (request) => receive(platform, request),
    rotate: () => {
      platform.secret = newSecret(options)
    },
  })
  const settings = { baseUrl: simulator.url, rid, services, heartbeatSid, businessSid }
  return { ...simulator, settings }
}

const newSecret = ({ random }: SocialSecurityOptions): string =>
  Buffer.from(random(24)).toString('base64')

const receive = (platform: Platform, request: SimulatedRequest): SimulatedCall => {
  const sid = textHeader(request, 'sid')
  const refusal = refusalOf(platform, request, sid)
  if (refusal !== undefined) return { operation: 'refused', answer: () => reply(refusal) }
  if (sid === refreshSid) return { operation: 'refresh', answer: inMood(() => refreshed(platform)) }
  const { seq = '', param } = readQuestion(request.body)
  if (sid === heartbeatSid)
    return { operation: 'heartbeat', answer: inMood(() => reply('0000', seq, { alive: true })) }
  if (sid === businessSid)
    return { operation: 'business', answer: inMood((mood) => reply('0000', seq, business(mood))) }
  const typeCode = Object.keys(services).find((code) => services[code] === sid)
  if (typeCode === undefined) return { operation: 'unknown', answer: () => reply('3001', seq) }
  const { AAC147: id = '', AAC003: name = '' } = param
  return {
    operation: 'find',
    holderId: id,
    answer: inMood((mood) => findAnswer(platform, { typeCode, seq, id, name }, mood)),
  }
}

const textHeader = ({ headers }: SimulatedRequest, name: string): string => {
  const value = headers[prefix + name]
  return typeof value === 'string' ? value : ''
}

/** The platform's own checks, before any service sees the call. */
const refusalOf = (
  { options, secret }: Platform,
  request: SimulatedRequest,
  sid: string,
): string | undefined => {
  const rtimeMs = Number(textHeader(request, 'rtime'))
  if (textHeader(request, 'rid') !== rid) return '2004'
  if (!(Math.abs(options.clock.now().getTime() - rtimeMs) <= windowMs)) return '2003'
  const key = sid === refreshSid ? options.appKey : secret
  return signEnvelope(key, { rid, sid, rtimeMs }) === textHeader(request, 'sign')
    ? undefined
    : '2001'
}

const readQuestion = (body: Buffer): { seq?: string; param: Readonly<Record<string, string>> } => {
  const parsed = parseHallJson(body)
  const question = parsed.ok && isRecord(parsed.value) ? parsed.value : {}
  const { head, param } = question
  return {
    ...(isRecord(head) && typeof head['seq'] === 'string' ? { seq: head['seq'] } : {}),
    param: isRecord(param) ? flatFields(param) : {},
  }
}

/** What every service does in a bad mood, before its own answer. */
const inMood =
  (answer: (mood: Mood) => SimulatedAnswer) =>
  (mood: Mood): SimulatedAnswer => {
    if (mood.act === 'refuse') return { ...reply('5003'), status: mood.status }
    if (mood.act === 'maintenance') return reply('9001')
    if (mood.act === 'garble' && mood.form === 'failure_inside') return reply('5000')
    if (mood.act === 'garble' && mood.form === 'html') return page
    return answer(mood)
  }

const page: SimulatedAnswer = {
  status: 200,
  contentType: 'text/html',
  body: Buffer.from('<html><body>统一身份认证 登录</body></html>'),
}

const reply = (code: string, seq?: string, data?: unknown): SimulatedAnswer => ({
  status: 200,
  contentType: 'application/json;charset=UTF-8',
  body: Buffer.from(JSON.stringify({ head: { code, msg: messages[code] ?? '失败', seq }, data })),
})

const messages: Readonly<Record<string, string>> = {
  '0000': '成功',
  '1001': '查无数据',
  '1002': '姓名与证件号码不符',
  '2001': '签名错误',
  '2003': '请求时间超出允许范围',
  '2004': '请求方未授权',
  '3001': '服务不存在',
  '3002': '该记录不予提供',
  '5003': '系统繁忙',
  '9001': '系统维护',
}

const refreshed = ({ options, secret }: Platform): SimulatedAnswer => {
  const key = createHash('sha256').update(options.appKey).digest()
  const iv = options.random(16)
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final()])
  const expiresAt = options.clock.now().getTime() + secretLivesMs
  return reply('0000', undefined, { secret: sealed.toString('base64'), expiresAt })
}

type Question = {
  readonly typeCode: string
  readonly seq: string
  readonly id: string
  readonly name: string
}

const findAnswer = ({ city }: Platform, question: Question, mood: Mood): SimulatedAnswer => {
  const { typeCode, id, name } = question
  const source = askSource(city, { id, name }, typeCode, sameName)
  if (source.verdict !== 'held') return reply(refusals[source.verdict], question.seq)
  const form = mood.act === 'garble' ? mood.form : ''
  const seq = form === 'other_request' ? 'ffffffffffffffffffffffff' : question.seq
  const rows = recordsOf(typeCode, source.papers, form)
  const data = { total: rows.length, rows }
  // The platform's record service is one of those that send JSON inside a string.
  const isDouble = form === 'double' || typeCode.endsWith('018')
  return reply('0000', seq, form === 'no_data' ? undefined : isDouble ? JSON.stringify(data) : data)
}

const refusals = { sealed: '3002', absent: '1001', name_differs: '1002' } as const

const recordsOf = (
  typeCode: string,
  papers: readonly SimulatedPaper[],
  form: string,
): readonly object[] => {
  const table = tables.get(typeCode)
  if (table === undefined) return []
  return papers.flatMap((paper) =>
    garbleRecords(form, [encodePaper(paper, table)], table.head).map((record) => ({
      ...record,
      CZR: paper.holders.map((holder) => ({
        XM: form === 'other_name' ? '某某某' : holder.name,
        ZJLX: documentKindOf(holder.idType),
        ZJHM: form === 'other_holder' ? '370299190001019991' : holder.id,
      })),
    })),
  )
}

const business = (mood: Mood): object => ({
  SLS: 126,
  BJS: 118,
  CQS: mood.act === 'slow' ? 6 : 2,
  DLLB: [
    { MC: '窗口受理', CD: 4 },
    { MC: '后台审核', CD: mood.act === 'slow' ? 31 : 8 },
  ],
})
