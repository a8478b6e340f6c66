import { createHmac } from 'node:crypto'
import {
  buildLicence,
  childOf,
  childrenOf,
  digestText,
  failed,
  foldNumber,
  isEchoOf,
  none,
  parseXml,
  textOf,
  xmlElement,
  type AnswerFacts,
  type Failed,
  type Fields,
  type HallBusiness,
  type HallLicence,
  type None,
  type XmlNode,
} from '../../src/halls/adapter.ts'
import { decodeGbk, encodeGbk } from './gbk.ts'
import { transactions } from './tables.ts'

/** The head of one transaction message; `iseqno` may be used once. */
export type FundHead = {
  readonly trancode: string
  readonly appid: string
  readonly iseqno: string
  /** yyyyMMdd and HHmmss, Beijing time. */
  readonly trandate: string
  readonly trantime: string
}

const writeItems = (items: Fields): readonly string[] =>
  Object.entries(items).map(([name, value]) => xmlElement(name, value))

/** HMAC-SHA256 in hex over the head's items joined by `|` and the GBK bytes of `<body>…</body>`. */
export const signMessage = (secretKey: string, head: FundHead, body: string): string => {
  const { trancode, appid, iseqno, trandate, trantime } = head
  return createHmac('sha256', secretKey)
    .update([trancode, appid, iseqno, trandate, trantime, ''].join('|'))
    .update(encodeGbk(body))
    .digest('hex')
}

/** One signed request, GBK encoded. */
export const encodeRequest = (secretKey: string, head: FundHead, items: Fields): Buffer => {
  const body = xmlElement('body', writeItems(items))
  const sign = signMessage(secretKey, head, body)
  return encodeMessage([xmlElement('head', writeItems({ ...head, sign })), body])
}

/** A message of either direction. */
export const encodeMessage = (parts: readonly string[]): Buffer =>
  encodeGbk(`<?xml version="1.0" encoding="GBK"?>${xmlElement('root', parts)}`)

export type FundAnswer =
  | { readonly state: 'body'; readonly body: XmlNode }
  | { readonly state: 'sequence_reused' }
  | None
  | Failed

/** 00001 says "correct" also when nothing was found; 9999 says all the rest in words. */
export const decodeAnswer = (bytes: Uint8Array, iseqno: string): FundAnswer => {
  const decoded = decodeGbk(bytes)
  if (!decoded.ok) return failed('malformed', decoded.cause)
  const parsed = parseXml(decoded.text)
  if (!parsed.ok) return failed('malformed', parsed.cause)
  const head = parsed.root.name === 'root' ? childOf(parsed.root, 'head') : undefined
  const retcode = textOf(head, 'retcode')?.trim()
  if (!isEchoOf(iseqno, textOf(head, 'iseqno'), retcode === '00001'))
    return failed('malformed', 'answer_for_another_request')
  if (retcode === '9999') return outcomeOfWords(textOf(head, 'retmsg') ?? '')
  if (retcode !== '00001') return failed('malformed', 'retcode_unknown')
  const body = childOf(parsed.root, 'body')
  return body === undefined ? failed('malformed', 'body_missing') : { state: 'body', body }
}

/** The words of 9999, compared by what they contain: the fund's branches phrase them differently. */
const words: readonly (readonly [RegExp, FundAnswer])[] = [
  [/流水号.*重复|重复.*流水/, { state: 'sequence_reused' }],
  [/姓名.*(不符|不一致)/, none('name_differs')],
  [/不予提供|封存.*查询/, failed('rejected', 'words_sealed', { reason: 'sealed' })],
  [/交易码/, failed('rejected', 'words_no_transaction', { reason: 'type_not_offered' })],
  [/签名|验签/, failed('unauthorised', 'words_signature')],
  [/未授权|无权/, failed('unauthorised', 'words_not_permitted')],
  [/维护|日终|批处理/, failed('maintenance', 'words_maintenance')],
  [/忙|稍后|超过并发/, failed('busy', 'words_busy')],
]

const outcomeOfWords = (retmsg: string): FundAnswer =>
  words.find(([form]) => form.test(retmsg))?.[1] ?? failed('unreachable', 'retcode_9999')

export type Licences = { readonly state: 'licences'; readonly licences: readonly HallLicence[] }

/** The rows of an answer; `count` must agree with them. */
export const decodeLicences = (body: XmlNode, input: AnswerFacts): Licences | Failed => {
  const { typeCode, bytes, asOf, digestName } = input
  const transaction = transactions.get(typeCode)
  const rows = childrenOf(childOf(body, 'list'), 'row')
  if (transaction === undefined || textOf(body, 'count')?.trim() !== String(rows.length))
    return failed('malformed', 'count_differs')
  const rawDigest = digestText(digestName, bytes)
  const licences: HallLicence[] = []
  for (const row of rows) {
    const record = Object.fromEntries(row.children.map(({ name, text }) => [name, text]))
    const id = foldNumber(record[transaction.holder.id] ?? '').toUpperCase()
    const holders = [{ idType: '111', id, name: (record[transaction.holder.name] ?? '').trim() }]
    const built = buildLicence({ typeCode, tables: transaction, record, holders, asOf, rawDigest })
    if (!built.ok) return failed('malformed', built.cause)
    licences.push(built.licence)
  }
  return { state: 'licences', licences }
}

/** The supervision transaction's answer. */
export const decodeBusiness = (body: XmlNode, asOf: string): HallBusiness | Failed => {
  const count = (node: XmlNode, name: string): number => {
    const value = textOf(node, name) ?? ''
    return /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  }
  const [accepted, finished, overdue] = ['sls', 'bjs', 'cqs'].map((name) => count(body, name))
  const queues = childrenOf(body, 'dl').map((queue) => ({
    nameZh: textOf(queue, 'mc') ?? '',
    length: count(queue, 'cd'),
  }))
  const counts = [accepted, finished, overdue, ...queues.map(({ length }) => length)]
  if (accepted === undefined || finished === undefined || overdue === undefined)
    return failed('malformed', 'business_malformed')
  return counts.every(Number.isSafeInteger)
    ? { asOf, accepted, finished, overdue, queues }
    : failed('malformed', 'business_malformed')
}
