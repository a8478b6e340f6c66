import { encodeBase64Url } from '../crypto/base64url.ts'
import type { JsonObject } from '../crypto/json-value.ts'
import type { ChainKeeper } from './chain-file.ts'
import { checkAnswer, clientTrust, type ClientTrust } from './check-answer.ts'
import { checkCosigned } from './check-cosigned.ts'
import { logReader } from './read-log.ts'
import { ConnectionError, EvidenceError, ProblemError } from './client-error.ts'
import {
  type ClientOptions,
  createGatewayClient,
  type GatewayAnswer,
  type GatewayClient,
} from './gateway-client.ts'
import { type Operation, operations } from './operations.ts'
import type {
  BatchRequest,
  CaseRegistration,
  CheckRequest,
  CloseRequest,
  ErrorsQuery,
  EventQuery,
  FetchRequest,
  ItemVersion,
  LicenceRow,
  LicenceSearch,
  ReleaseRequest,
  StatusChange,
} from './requests.ts'
import { defaultRetryPolicy, retry, type RetryPolicy } from './retry.ts'

export type ZhengqiaoOptions = Omit<ClientOptions, 'chain' | 'keepChain'> & {
  /** Whom to believe about receipts and credentials; `unchecked` believes the gateway. */
  readonly trust: ClientTrust | 'unchecked'
  /** Where the client's own chain is kept; without it the chain begins anew with each client. */
  readonly chain?: ChainKeeper
  readonly retry?: Partial<RetryPolicy>
}

/** A good answer, its evidence checked. */
export type Answered<Data> = {
  readonly data: Data
  readonly status: number
  /** The signed receipt; undefined where the answer is no JSON. */
  readonly receipt: JsonObject | undefined
  /** `{data, receipt}` as it was sent: a receipt file that `zhengqiao verify` takes. */
  readonly receiptFile: string
  readonly requestId: string
  /** True when the gateway answered this idempotency key before. */
  readonly isReplay: boolean
}

export type CallOptions = {
  /** Who asks at the window; else the client's own. */
  readonly operatorId?: string
  /** Give the same one to repeat a call that was lost in an earlier run. */
  readonly idempotencyKey?: string
}

type Call = CallOptions & {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: object
  readonly bytes?: Uint8Array
  readonly contentType?: string
}

export type ZhengqiaoClient = ReturnType<typeof createZhengqiaoClient>

/**
 * The client of one machine or person. Every call signs, repeats what is worth repeating with the same
 * idempotency key and a fresh signature, checks the receipt against its own request and the answer, and
 * the credentials in it against the trust.
 *
 * Calls throw ProblemError (the gateway refused), ConnectionError (no answer; the call may have taken
 * effect) or EvidenceError (the evidence does not hold).
 */
export const createZhengqiaoClient = (options: ZhengqiaoOptions) => {
  const call = createCaller(options)
  return {
    items: {
      list: () => call(operations.listItems),
      get: (code: string, query: { readonly version?: number } = {}) =>
        call(operations.getItem, { params: { code }, query }),
      publish: (item: ItemVersion) =>
        call(operations.publishItem, { params: { code: item.code }, body: item }),
    },
    licenceTypes: {
      list: () => call(operations.listLicenceTypes),
      get: (code: string) => call(operations.getLicenceType, { params: { code } }),
    },
    cases: casesOf(call),
    licences: licencesOf(call),
    batches: batchesOf(call),
    receipts: {
      get: (no: string) => call(operations.getReceipt, { params: { no } }),
      /** Whether witnesses outside the gateway have seen it; ask a minute or so after the answer. */
      checkCosigned: (receipt: JsonObject, wish: { readonly witnessesMin?: number } = {}) =>
        checkCosigned(receipt, { ...wish, trust: trustOf(options), readLog: logReader(options) }),
    },
    audit: {
      searchEvents: (query: EventQuery) => call(operations.searchEvents, { query }),
      listCheckpoints: (
        query: { readonly origin?: string; readonly limit?: number; readonly cursor?: string } = {},
      ) => call(operations.listCheckpoints, { query }),
    },
    /** Any other operation; `operation.data` reads its answer. */
    call,
  }
}

const casesOf = (call: Caller) => ({
  register: (body: CaseRegistration, options?: CallOptions) =>
    call(operations.registerCase, { ...options, body }),
  get: (caseId: string) => call(operations.getCase, { params: { caseId } }),
  close: (caseId: string, body: CloseRequest, options?: CallOptions) =>
    call(operations.closeCase, { ...options, params: { caseId }, body }),
  /** What the city already holds: existence only, no content. */
  check: (caseId: string, body: CheckRequest = {}, options?: CallOptions) =>
    call(operations.checkMaterials, { ...options, params: { caseId }, body }),
  fetch: (caseId: string, body: FetchRequest, options?: CallOptions) =>
    call(operations.fetchMaterials, { ...options, params: { caseId }, body }),
  getFetch: (caseId: string, fetchId: string, options?: CallOptions) =>
    call(operations.getFetch, { ...options, params: { caseId, fetchId } }),
  getLicence: (caseId: string, licenceId: string, options?: CallOptions) =>
    call(operations.getCaseLicence, { ...options, params: { caseId, licenceId } }),
})

const licencesOf = (call: Caller) => ({
  /** One licence that a case may use. */
  get: (licenceId: string, { caseId, ...options }: CallOptions & { readonly caseId: string }) =>
    call(operations.getLicence, { ...options, params: { licenceId }, query: { case: caseId } }),
  search: (body: LicenceSearch, options?: CallOptions) =>
    call(operations.searchLicences, { ...options, body }),
  /** A department issues or replaces one licence, under a steward's standing order. */
  issue: (body: LicenceRow, options?: CallOptions) =>
    call(operations.issueLicence, { ...options, body }),
  /** Suspends, revokes, cancels or restores. */
  changeStatus: (licenceId: string, body: StatusChange, options?: CallOptions) =>
    call(operations.changeLicenceStatus, { ...options, params: { licenceId }, body }),
  listVersions: (licenceId: string) =>
    call(operations.listLicenceVersions, { params: { licenceId } }),
})

const batchesOf = (call: Caller) => ({
  open: (body: BatchRequest, options?: CallOptions) =>
    call(operations.openBatch, { ...options, body }),
  /** Whole lines, at most 50 MB; a chunk may be sent again as long as it is the same. */
  putChunk: (
    batchId: string,
    chunk: number,
    content: { readonly bytes: Uint8Array; readonly contentType: string },
  ) => call(operations.putChunk, { params: { batchId, chunk }, ...content }),
  validate: (batchId: string) => call(operations.validateBatch, { params: { batchId } }),
  release: (batchId: string, body: ReleaseRequest, options?: CallOptions) =>
    call(operations.releaseBatch, { ...options, params: { batchId }, body }),
  rollback: (batchId: string, options?: CallOptions) =>
    call(operations.rollBackBatch, { ...options, params: { batchId } }),
  get: (batchId: string) => call(operations.getBatch, { params: { batchId } }),
  listErrors: (batchId: string, query: ErrorsQuery = {}) =>
    call(operations.listBatchErrors, { params: { batchId }, query }),
})

const trustOf = ({ trust }: ZhengqiaoOptions): ClientTrust =>
  trust === 'unchecked' ? clientTrust({}) : trust

type Caller = ReturnType<typeof createCaller>

const createCaller = (options: ZhengqiaoOptions) => {
  const policy = { ...defaultRetryPolicy, ...options.retry }
  const openGateway = gatewayOpener(options)
  return async <Data>(operation: Operation<Data>, call: Call = {}): Promise<Answered<Data>> => {
    const gateway = await openGateway()
    const overrides = {
      ...(call.operatorId === undefined ? {} : { operatorId: call.operatorId }),
      ...(call.contentType === undefined ? {} : { contentType: call.contentType }),
      ...(operation.idempotent
        ? { idempotencyKey: call.idempotencyKey ?? encodeBase64Url(options.randomBytes(18)) }
        : {}),
    }
    const answer = await retry(
      () => gateway.request(operation.method, pathOf(operation, call), bodyOf(call), overrides),
      policy,
      options.randomBytes,
    )
    return readAs(operation, answer, options)
  }
}

/** The chain is loaded once, before the first request. */
const gatewayOpener = (options: ZhengqiaoOptions): (() => Promise<GatewayClient>) => {
  const { chain: keeper, ...rest } = options
  let opened: Promise<GatewayClient> | undefined
  const open = async (): Promise<GatewayClient> => {
    if (keeper === undefined) return createGatewayClient(rest)
    const chain = await keeper.load()
    const kept = { keepChain: keeper.save, ...(chain === undefined ? {} : { chain }) }
    return createGatewayClient({ ...rest, ...kept })
  }
  return () => (opened ??= open())
}

const readAs = <Data>(
  operation: Operation<Data>,
  answer: GatewayAnswer,
  { trust, now }: ZhengqiaoOptions,
): Answered<Data> => {
  if (trust !== 'unchecked') checkAnswer(answer, trust, now())
  const { status, problem, receipt, headers, text } = answer
  if (problem !== undefined) throw new ProblemError(status, problem, receipt)
  if (status >= 300) throw new ConnectionError(`status ${String(status)} from something in between`)
  const parsed = operation.data.safeParse(answer.data)
  if (!parsed.success)
    throw new EvidenceError('answer_unexpected', `status ${String(status)}, not what the API says`)
  return {
    data: parsed.data,
    status,
    receipt,
    receiptFile: text,
    requestId: headers.get('x-request-id') ?? '',
    isReplay: headers.get('idempotent-replayed') === 'true',
  }
}

const pathOf = ({ path }: Operation<unknown>, { params = {}, query = {} }: Call): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_found, name: string) =>
    encodeURIComponent(String(params[name] ?? '')),
  )
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  )
  return asked.length === 0 ? filled : `${filled}?${asked.join('&')}`
}

const bodyOf = ({ body, bytes }: Call): Uint8Array | undefined =>
  bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)))
