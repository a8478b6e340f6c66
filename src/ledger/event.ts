import type { Caller } from '../contract/caller.ts'
import { cityTimeOf, type CityDate } from '../contract/clock.ts'
import type { Deed, Json } from '../contract/endpoint.ts'
import type { ErrorCode } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'

/** What the pipeline knows of an exchange beside the deed that the use case reports. */
export type Exchange = {
  readonly no: ReceiptNo
  readonly now: Date
  readonly cityDate: CityDate
  readonly deed: Deed
  /** Undefined for acts of the gateway itself and for summaries of unsigned requests. */
  readonly caller?: Pick<Caller, 'clientId' | 'certificateId' | 'operatorId' | 'operatorAsserted'>
  /** HTTP status and problem code of the answer. */
  readonly status?: number
  readonly code?: ErrorCode
  /** `sha-256:<base64url>` of the signature base that the caller signed. */
  readonly requestDigest?: string
  /** `sha-256:<base64url>` of JCS(data), of a problem without its receipt, or of the answer's bytes. */
  readonly responseDigest?: string
  /** The signed headers `zhengqiao-seq` and `zhengqiao-last`. */
  readonly clientSequence?: string
  readonly lastReceiptNo?: string
}

/** Columns beside the event that searches go by; nothing here is proved, the event is. */
export type SearchColumns = {
  readonly at: Date
  readonly action: string
  readonly decision: 'allowed' | 'denied' | 'partial'
  readonly caseId: string | undefined
  readonly clientId: string | undefined
  readonly operatorId: string | undefined
  readonly itemCode: string | undefined
  readonly subjectIndex: Uint8Array | undefined
  readonly licenceIds: readonly string[]
}

export type LedgerEvent = { readonly event: Json; readonly search: SearchColumns }

/** The event of an exchange, complete, and its search columns. Member names: docs/audit-events.md. */
export const makeEvent = (exchange: Exchange): LedgerEvent => ({
  event: present({
    no: exchange.no,
    at: cityTimeOf(exchange.now),
    cityDate: exchange.cityDate,
    ...deedMembers(exchange.deed),
    ...callerMembers(exchange),
    status: exchange.status,
    code: exchange.code,
    requestDigest: exchange.requestDigest,
    responseDigest: exchange.responseDigest,
    clientSequence: exchange.clientSequence,
    lastReceiptNo: exchange.lastReceiptNo,
  }),
  search: searchColumns(exchange),
})

type Members = Readonly<Record<string, Json | undefined>>

const deedMembers = (deed: Deed): Members => ({
  action: deed.action,
  decision: deed.decision,
  caseId: deed.caseId,
  assurance: deed.assurance,
  itemCode: deed.itemCode,
  itemVersion: deed.itemVersion,
  legalBasis: deed.legalBasis,
  licences: deed.licences?.map((licence) => ({ ...licence })),
  detail: deed.detail,
})

const callerMembers = ({ caller }: Exchange): Members => ({
  clientId: caller?.clientId,
  certificateId: caller?.certificateId,
  operatorId: caller?.operatorId,
  operatorAsserted: caller?.operatorId === undefined ? undefined : caller.operatorAsserted,
})

const searchColumns = ({ now, deed, caller }: Exchange): SearchColumns => ({
  at: now,
  action: deed.action,
  decision: deed.decision,
  caseId: deed.caseId,
  clientId: caller?.clientId,
  operatorId: caller?.operatorId,
  itemCode: deed.itemCode,
  subjectIndex: deed.subjectIndex,
  licenceIds: [...new Set((deed.licences ?? []).map((licence) => licence.licenceId))],
})

const present = (members: Members): Json => {
  const kept: Record<string, Json> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept
}
