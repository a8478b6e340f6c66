import { z } from 'zod'
import { caseData, checkData, fetchData, licenceData, searchData } from '../cases/case-schemas.ts'
import { licenceTypeSchema } from '../catalogue/licence-type.ts'
import { serviceItemSchema } from '../catalogue/service-item.ts'
import { checkpointsData, eventsData, receiptData } from '../ledger/audit-schemas.ts'
import { confirmationData } from '../cases/confirm-cases.ts'
import { batchData } from '../stock/batch-view.ts'
import { declarationData } from '../stock/declare-stock.ts'
import { signingCertificateData } from '../stock/register-signing-certificate.ts'
import { progressData } from '../stock/show-progress.ts'
import { statusData } from '../stock/change-status.ts'
import { issueData } from '../stock/issue-licence.ts'
import { versionsData } from '../stock/list-versions.ts'
import { standingOrderData } from '../stock/register-standing-order.ts'
import { findingClasses } from '../stock/rules/finding.ts'

/** One operation of the API as the client calls it; the same as the gateway's endpoint (a test compares). */
export type Operation<Data> = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** With `{name}` for parameters. */
  readonly path: string
  /** Sent with an idempotency key, so that it can be repeated. */
  readonly idempotent: boolean
  readonly data: z.ZodType<Data>
}

/** An operation that only reads. */
export const get = <Data>(path: string, data: z.ZodType<Data>): Operation<Data> => ({
  ...{ method: 'GET', path, idempotent: false, data },
})
const ask = <Data>(path: string, data: z.ZodType<Data>): Operation<Data> => ({
  ...{ method: 'POST', path, idempotent: false, data },
})
/** An operation that is sent with an idempotency key. */
export const post = <Data>(path: string, data: z.ZodType<Data>): Operation<Data> => ({
  ...{ method: 'POST', path, idempotent: true, data },
})
const put = <Data>(path: string, data: z.ZodType<Data>): Operation<Data> => ({
  ...{ method: 'PUT', path, idempotent: false, data },
})

const chunkData = z.object({
  batchId: z.uuid(),
  chunk: z.int(),
  digest: z.string(),
  repeated: z.boolean(),
  rowCount: z.int().nullable(),
})

const errorsData = z.object({
  items: z.array(
    z.object({
      chunk: z.int(),
      line: z.int(),
      class: z.enum(findingClasses),
      rule: z.string(),
      pointer: z.string(),
      titleZh: z.string(),
      adviceZh: z.string(),
      given: z.json().exactOptional(),
      corrected: z.json().exactOptional(),
      other: z.object({ chunk: z.int(), line: z.int() }).exactOptional(),
    }),
  ),
  nextCursor: z.string().nullable(),
})

/** By operationId of the OpenAPI document. */
export const operations = {
  listItems: get('/v1/items', z.array(serviceItemSchema)),
  getItem: get('/v1/items/{code}', serviceItemSchema),
  publishItem: put('/v1/items/{code}', serviceItemSchema),
  listLicenceTypes: get('/v1/licence-types', z.array(licenceTypeSchema)),
  getLicenceType: get('/v1/licence-types/{code}', licenceTypeSchema),
  registerCase: post('/v1/cases', caseData),
  getCase: get('/v1/cases/{caseId}', caseData),
  closeCase: post('/v1/cases/{caseId}/close', caseData),
  confirmCases: post('/v1/cases/confirmations', confirmationData),
  checkMaterials: ask('/v1/cases/{caseId}/checks', checkData),
  fetchMaterials: post('/v1/cases/{caseId}/fetches', fetchData),
  getFetch: get('/v1/cases/{caseId}/fetches/{fetchId}', fetchData),
  getCaseLicence: get('/v1/cases/{caseId}/licences/{licenceId}', licenceData),
  getLicence: get('/v1/licences/{licenceId}', licenceData),
  searchLicences: ask('/v1/licences/search', searchData),
  openBatch: post('/v1/batches', batchData),
  putChunk: put('/v1/batches/{batchId}/chunks/{chunk}', chunkData),
  validateBatch: ask('/v1/batches/{batchId}/validate', batchData),
  releaseBatch: post('/v1/batches/{batchId}/release', batchData),
  rollBackBatch: post('/v1/batches/{batchId}/rollback', batchData),
  getBatch: get('/v1/batches/{batchId}', batchData),
  listBatchErrors: get('/v1/batches/{batchId}/errors', errorsData),
  addSigningCertificate: post('/v1/signing-certificates', signingCertificateData),
  resignStock: post('/v1/batches/re-sign', batchData),
  declareStock: post('/v1/declarations', declarationData),
  listProgress: get('/v1/declarations', progressData),
  addStandingOrder: post('/v1/standing-orders', standingOrderData),
  revokeStandingOrder: post('/v1/standing-orders/{orderId}/revoke', standingOrderData),
  issueLicence: post('/v1/licences', issueData),
  changeLicenceStatus: post('/v1/licences/{licenceId}/status', statusData),
  listLicenceVersions: get('/v1/licences/{licenceId}/versions', versionsData),
  searchEvents: get('/v1/audit/events', eventsData),
  listCheckpoints: get('/v1/audit/checkpoints', checkpointsData),
  getReceipt: get('/v1/receipts/{no}', receiptData),
} as const

type DataOf<Known> = Known extends Operation<infer Data> ? Data : never

export type Case = DataOf<typeof operations.registerCase>
export type Check = DataOf<typeof operations.checkMaterials>
export type Fetch = DataOf<typeof operations.fetchMaterials>
export type Licence = DataOf<typeof operations.getCaseLicence>
export type ServiceItem = DataOf<typeof operations.getItem>
export type LicenceType = DataOf<typeof operations.getLicenceType>
export type Batch = DataOf<typeof operations.getBatch>
export type BatchErrors = DataOf<typeof operations.listBatchErrors>
export type Events = DataOf<typeof operations.searchEvents>
export type Checkpoints = DataOf<typeof operations.listCheckpoints>
export type Receipt = DataOf<typeof operations.getReceipt>
