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
import { decodeGbk, encodeGbk } from './gbk.ts'
import { encodeMessage, signMessage, type FundHead } from './messages.ts'
import { heartbeat, supervision, transactions, type FundTransaction } from './tables.ts'

export type HousingFundOptions = {
  readonly hallId: string
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly clock: Clock
  readonly random: RandomBytes
  readonly secretKey: string
  readonly port?: number
  readonly controlPort?: number
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string }
}

const appid = 'ZQ0001'
const seenMax = 2_000

type Fund = {
  readonly options: HousingFundOptions
  readonly city: SimulatedCity
  readonly seen: Set<string>
  refuseNextSequence: boolean
}
type Question = {
  readonly iseqno: string
  readonly transaction: FundTransaction
  readonly typeCode: string
  readonly id: string
  readonly name: string
}

/** The fund's transaction server on loopback. `rotate` makes it refuse the next sequence number. */
export const startHousingFundSimulator = async (
  options: HousingFundOptions,
): Promise<Simulator & { readonly settings: JsonObject }> => {
  const city = loadSimulatedCity(options.hallId, options.subjects, options.rows)
  const fund: Fund = { options, city, seen: new Set(), refuseNextSequence: false }
  const simulator = await startHttpSimulator({
    ...options,
    city,
    answersLater: false,
    receive: (request) => receive(fund, request),
    rotate: () => {
      fund.refuseNextSequence = true
    },
  })
  return { ...simulator, settings: { baseUrl: simulator.url, appid } }
}

const receive = (fund: Fund, request: SimulatedRequest): SimulatedCall => {
  const message = readMessage(request.body)
  const { head, body } = message
  const refusal = refusalOf(fund, message)
  if (refusal !== undefined) return { operation: 'refused', answer: () => refuse(head, refusal) }
  if (head.trancode === heartbeat)
    return { operation: 'heartbeat', answer: inMood(head, () => success(head, [])) }
  if (head.trancode === supervision)
    return { operation: 'business', answer: inMood(head, () => success(head, work)) }
  const found = [...transactions].find(([, { transaction }]) => transaction === head.trancode)
  if (found === undefined)
    return { operation: 'unknown', answer: () => refuse(head, '交易码不存在') }
  const [typeCode, transaction] = found
  const id = textOf(body, 'zjhm') ?? ''
  const name = textOf(body, 'grxm') ?? ''
  const question = { iseqno: head.iseqno, transaction, typeCode, id, name }
  return {
    operation: 'find',
    holderId: id,
    answer: inMood(head, (mood) => findAnswer(fund, question, head, mood)),
  }
}

type Message = {
  readonly head: FundHead
  readonly sign: string
  readonly body: XmlNode | undefined
  readonly signed: string
}

const readMessage = (bytes: Buffer): Message => {
  const decoded = decodeGbk(bytes)
  const source = decoded.ok ? decoded.text : ''
  const parsed = parseXml(source)
  const head = childOf(parsed.ok ? parsed.root : undefined, 'head')
  const item = (name: string): string => textOf(head, name) ?? ''
  return {
    head: {
      trancode: item('trancode'),
      appid: item('appid'),
      iseqno: item('iseqno'),
      trandate: item('trandate'),
      trantime: item('trantime'),
    },
    sign: item('sign'),
    body: childOf(parsed.ok ? parsed.root : undefined, 'body'),
    signed: /<body>.*<\/body>/s.exec(source)?.[0] ?? '',
  }
}

const refusalOf = (fund: Fund, { head, sign, signed }: Message): string | undefined => {
  if (head.appid !== appid) return '应用未授权'
  if (signMessage(fund.options.secretKey, head, signed) !== sign) return '签名错误'
  const isReused = fund.seen.has(head.iseqno) || fund.refuseNextSequence
  fund.refuseNextSequence = false
  fund.seen.add(head.iseqno)
  const [oldest] = fund.seen
  if (oldest !== undefined && fund.seen.size > seenMax) fund.seen.delete(oldest)
  return isReused ? '交易流水号重复' : undefined
}

const inMood =
  (head: FundHead, answer: (mood: Mood) => SimulatedAnswer) =>
  (mood: Mood): SimulatedAnswer => {
    if (mood.act === 'refuse') return { ...refuse(head, '系统忙'), status: mood.status }
    if (mood.act === 'maintenance') return refuse(head, '系统维护')
    if (mood.act !== 'garble') return answer(mood)
    if (mood.form === 'failure_inside') return refuse(head, '数据库异常')
    if (mood.form === 'busy_inside') return refuse(head, '系统忙,请稍后再试')
    if (mood.form === 'bomb')
      return {
        ...answer(mood),
        body: Buffer.from('<?xml version="1.0" encoding="GBK"?><!DOCTYPE r>'),
      }
    if (mood.form === 'utf8') return asUtf8(answer(mood))
    return answer(mood)
  }

/** UTF-8 bytes under a GBK declaration. */
const asUtf8 = (answer: SimulatedAnswer): SimulatedAnswer => {
  const decoded = decodeGbk(answer.body)
  return { ...answer, body: Buffer.from(decoded.ok ? decoded.text : '') }
}

const reply = (head: FundHead, items: Fields, parts: readonly string[]): SimulatedAnswer => ({
  status: 200,
  contentType: 'application/xml; charset=GBK',
  body: encodeMessage([
    xmlElement(
      'head',
      Object.entries({ trancode: head.trancode, iseqno: head.iseqno, ...items }).map(
        ([name, value]) => xmlElement(name, value),
      ),
    ),
    xmlElement('body', parts),
  ]),
})

const refuse = (head: FundHead, words: string): SimulatedAnswer =>
  reply(head, { retcode: '9999', retmsg: words }, [])

const success = (head: FundHead, parts: readonly string[]): SimulatedAnswer =>
  reply(head, { retcode: '00001', retmsg: '交易成功' }, parts)

const list = (rows: readonly string[]): readonly string[] => [
  xmlElement('count', String(rows.length)),
  xmlElement('list', rows),
]

const findAnswer = (
  { city }: Fund,
  question: Question,
  head: FundHead,
  mood: Mood,
): SimulatedAnswer => {
  const { typeCode, id, name } = question
  const source = askSource(city, { id, name }, typeCode, (registered, asked) =>
    sameName(throughGbk(registered), throughGbk(asked)),
  )
  if (source.verdict === 'sealed') return refuse(head, '该账户信息不予提供')
  if (source.verdict === 'name_differs') return refuse(head, '姓名与证件号码不符')
  const form = mood.act === 'garble' ? mood.form : ''
  if (source.verdict !== 'held' || form === 'nothing') return success(head, list([]))
  const rows = rowsOf(question.transaction, source.papers, form)
  const echoed = form === 'other_request' ? { ...head, iseqno: '0' } : head
  return success(echoed, form === 'wrong_count' ? list(rows).slice(1) : list(rows))
}

/** What the fund's register keeps of a text. */
const throughGbk = (source: string): string => {
  const decoded = decodeGbk(encodeGbk(`<?xml encoding="GBK"?>${source}`))
  return decoded.ok ? decoded.text : ''
}

const rowsOf = (
  transaction: FundTransaction,
  papers: readonly SimulatedPaper[],
  form: string,
): readonly string[] => {
  const { name, id } = transaction.holder
  const replaced = {
    ...(form === 'other_holder' ? { [id]: '370299190001019991' } : {}),
    ...(form === 'other_name' ? { [name]: '某某某' } : {}),
  }
  const records = papers.map((paper) => ({ ...encodePaper(paper, transaction), ...replaced }))
  return garbleRecords(form, records, transaction.head).map((record) =>
    xmlElement(
      'row',
      Object.entries(record).map(([item, value]) => xmlElement(item, value)),
    ),
  )
}

const work: readonly string[] = [
  xmlElement('sls', '88'),
  xmlElement('bjs', '85'),
  xmlElement('cqs', '0'),
  xmlElement('dl', [xmlElement('mc', '提取审核'), xmlElement('cd', '3')]),
]
