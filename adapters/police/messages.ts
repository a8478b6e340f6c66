import {
  buildLicence,
  childOf,
  childrenOf,
  digestText,
  escapeXml,
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
  type HallHolder,
  type HallLicence,
  type None,
  type XmlNode,
} from '../../src/halls/adapter.ts'
import { businesses } from './tables.ts'

/** Versions of the service that are live; they differ in namespace and in how a record is written. */
export const serviceVersions = ['1.0', '2.0'] as const
export type ServiceVersion = (typeof serviceVersions)[number]

/** The clerk in whose name the police is asked. */
export type Clerk = {
  readonly idNumber: string
  readonly name: string
  readonly departmentCode: string
  readonly address: string
}

export type PoliceRequest = {
  readonly version: ServiceVersion
  readonly appName: string
  /** Absent in the call that fetches a token. */
  readonly token?: string
  readonly messageSequence: string
  readonly business: string
  readonly clerk?: Clerk
  readonly caseNo?: string
  /** Condition items in order. */
  readonly condition: Fields
}

const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/'
const serviceNamespace = (version: ServiceVersion): string => `urn:request-service:query:${version}`

/** A SOAP 1.1 request. */
export const encodeRequest = (request: PoliceRequest): Buffer => {
  const { version, appName, token, messageSequence, business, clerk, caseNo, condition } = request
  const security = [
    xmlElement('AppName', appName),
    ...(token === undefined ? [] : [xmlElement('Token', token)]),
  ]
  const query = [
    xmlElement('MessageSequence', messageSequence),
    xmlElement('BusinessType', business),
    ...(clerk === undefined ? [] : [encodeClerk(clerk)]),
    ...(caseNo === undefined ? [] : [xmlElement('CaseNo', caseNo)]),
    xmlElement(
      'Condition',
      Object.entries(condition).map(([name, value]) => xmlElement(name, value)),
    ),
  ]
  return envelope(version, [
    xmlElement('soap:Header', [xmlElement('Security', security)]),
    xmlElement('soap:Body', [xmlElement('QueryRequest', query)]),
  ])
}

const encodeClerk = ({ idNumber, name, departmentCode, address }: Clerk): string =>
  xmlElement('Clerk', [
    xmlElement('IdCard', idNumber),
    xmlElement('Name', name),
    xmlElement('DeptCode', departmentCode),
    xmlElement('Address', address),
  ])

/** An envelope of either direction. */
export const envelope = (version: ServiceVersion, parts: readonly string[]): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${soapNamespace}" ` +
      `xmlns="${serviceNamespace(version)}">${parts.join('')}</soap:Envelope>`,
  )

/** A record as each version writes it. */
export const encodeRecord = (version: ServiceVersion, record: Fields): string =>
  version === '1.0'
    ? xmlElement(
        'Item',
        Object.entries(record).map(([name, value]) => xmlElement(name, value)),
      )
    : `<Row>${Object.entries(record)
        .map(([name, value]) => `<Data Name="${name}" Value="${escapeXml(value)}"/>`)
        .join('')}</Row>`

/** What a SOAP body says, still as XML. */
export type PoliceAnswer =
  | { readonly state: 'result'; readonly result: XmlNode }
  | { readonly state: 'token_refused' }
  | None
  | Failed

/** The envelope, the code and the echo of an answer; a Fault's code counts like any other. */
export const decodeAnswer = (bytes: Uint8Array, messageSequence: string): PoliceAnswer => {
  const source = decodeUtf8(bytes)
  if (source === undefined) return failed('malformed', 'encoding_not_utf8')
  const parsed = parseXml(source)
  if (!parsed.ok) return failed('malformed', parsed.cause)
  const body = parsed.root.name === 'Envelope' ? childOf(parsed.root, 'Body') : undefined
  const fault = childOf(body, 'Fault')
  if (fault !== undefined) return outcomeOfCode(textOf(childOf(fault, 'detail'), 'Code') ?? 'fault')
  const response = childOf(body, 'QueryResponse')
  if (response === undefined) return failed('malformed', 'body_missing')
  const given = textOf(response, 'Code')
  if (!isEchoOf(messageSequence, textOf(response, 'MessageSequence'), given === '0000'))
    return failed('malformed', 'answer_for_another_request')
  return given === '0000' ? resultOf(response) : outcomeOfCode(given)
}

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** `CheckCode` of the checks that are answered at once; applications have none. */
const resultOf = (response: XmlNode): PoliceAnswer => {
  const result = childOf(response, 'Result')
  if (result === undefined) return failed('malformed', 'result_missing')
  const check = textOf(result, 'CheckCode')
  if (check === '1') return none('absent')
  if (check === '2') return none('name_differs')
  if (check !== undefined && check !== '0') return failed('malformed', 'check_code_unknown')
  return { state: 'result', result }
}

const outcomes: ReadonlyMap<string | undefined, PoliceAnswer> = new Map<string, PoliceAnswer>([
  ['2002', { state: 'token_refused' }],
  ['2003', failed('unauthorised', 'code_2003')],
  ['2004', failed('unauthorised', 'code_2004')],
  ['2101', failed('rejected', 'code_2101', { reason: 'operator_unknown' })],
  ['2201', failed('rejected', 'code_2201', { reason: 'parameters' })],
  ['2301', failed('rejected', 'code_2301', { reason: 'type_not_offered' })],
  ['2302', failed('rejected', 'code_2302', { reason: 'sealed' })],
  ['2901', failed('busy', 'code_2901')],
  ['2999', failed('maintenance', 'code_2999')],
  ['9999', failed('unreachable', 'code_9999')],
])

const outcomeOfCode = (given: string | undefined): PoliceAnswer =>
  outcomes.get(given?.trim()) ?? failed('malformed', 'code_unknown')

export type ApplyState =
  { readonly state: 'waiting'; readonly waitMs: number } | { readonly state: 'ready' } | Failed

/** Where an application stands: 1 applied, 2 waiting, 3 ready, 4 failed, 5 expired. */
export const decodeApplyState = (result: XmlNode): ApplyState => {
  const given = textOf(result, 'ApplyState')
  if (given === '1' || given === '2') return { state: 'waiting', waitMs: waitMsOf(result) }
  if (given === '3') return { state: 'ready' }
  if (given === '4') return failed('unreachable', 'apply_failed')
  if (given === '5') return failed('rejected', 'apply_expired', { reason: 'expired' })
  return failed('malformed', 'apply_state_unknown')
}

export const waitMsOf = (result: XmlNode): number => {
  const seconds = Number(textOf(result, 'WaitSeconds'))
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 86_400) * 1_000 : 2_000
}

export type Licences = { readonly state: 'licences'; readonly licences: readonly HallLicence[] }

/** The records of an answer in either version's writing. */
export const decodeLicences = (result: XmlNode, input: AnswerFacts): Licences | Failed => {
  const { typeCode, bytes, asOf, digestName } = input
  const business = businesses.get(typeCode)
  const records = recordsOf(result)
  if (business === undefined || records === undefined)
    return failed('malformed', 'record_malformed')
  const rawDigest = digestText(digestName, bytes)
  const licences: HallLicence[] = []
  for (const record of records) {
    const holders = [holderOf(record, business.holder)]
    const built = buildLicence({ typeCode, tables: business, record, holders, asOf, rawDigest })
    if (!built.ok) return failed('malformed', built.cause)
    licences.push(built.licence)
  }
  return { state: 'licences', licences }
}

const recordsOf = (result: XmlNode): readonly Fields[] | undefined => {
  const list = childOf(result, 'Records')
  if (list === undefined) return undefined
  return [
    ...childrenOf(list, 'Item').map((item) =>
      Object.fromEntries(item.children.map(({ name, text }) => [name, text])),
    ),
    ...childrenOf(list, 'Row').map((row) =>
      Object.fromEntries(
        childrenOf(row, 'Data').map(({ attributes }) => [
          attributes['Name'] ?? '',
          attributes['Value'] ?? '',
        ]),
      ),
    ),
  ]
}

const holderOf = (
  record: Fields,
  names: { readonly name: string; readonly id: string },
): HallHolder => {
  const id = foldNumber(record[names.id] ?? '').toUpperCase()
  const idType = /^(\d{15}|\d{17}[\dX])$/.test(id) ? '111' : '001'
  return { idType, id, name: (record[names.name] ?? '').trim() }
}

/** The supervision business's answer. */
export const decodeBusiness = (result: XmlNode, asOf: string): HallBusiness | Failed => {
  const count = (node: XmlNode | undefined, name: string): number =>
    Number(textOf(node, name) || NaN)
  const accepted = count(result, 'Accepted')
  const finished = count(result, 'Finished')
  const overdue = count(result, 'Overdue')
  if (![accepted, finished, overdue].every(Number.isSafeInteger))
    return failed('malformed', 'business_malformed')
  const queues = childrenOf(result, 'Queue').map((queue) => ({
    nameZh: textOf(queue, 'Name') ?? '',
    length: count(queue, 'Length'),
  }))
  return queues.every(({ length }) => Number.isSafeInteger(length))
    ? { asOf, accepted, finished, overdue, queues }
    : failed('malformed', 'business_malformed')
}
