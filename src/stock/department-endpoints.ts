import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import type { Tx } from '../store/in-transaction.ts'
import { batchData } from './batch-view.ts'
import { declarationBody, declarationData, declareStock } from './declare-stock.ts'
import {
  registerNewSigningCertificate,
  signingCertificateBody,
  signingCertificateData,
} from './register-signing-certificate.ts'
import { requestResign, resignBody } from './request-resign.ts'
import { progressData, showProgress } from './show-progress.ts'
import type { StockDeps } from './stock-deps.ts'

const post = { method: 'POST', roles: ['S'], idempotent: true, operatorRequired: false } as const

/** What a department's stewards state about their stock as a whole: certificate, re-signing, count. */
export const departmentEndpoints = (deps: StockDeps): readonly Endpoint<Tx>[] => [
  writeEndpoint<Tx, typeof signingCertificateBody>({
    ...post,
    operationId: 'addSigningCertificate',
    path: '/v1/signing-certificates',
    summaryZh: '登记部门新的证照签发证书',
    body: signingCertificateBody,
    data: signingCertificateData,
    codes: ['scope_missing', 'validation_failed', 'precondition_failed'],
    handle: ({ caller, body, tx }) => registerNewSigningCertificate(deps, tx, caller, body),
  }),
  writeEndpoint<Tx, typeof resignBody>({
    ...post,
    operationId: 'resignStock',
    path: '/v1/batches/re-sign',
    summaryZh: '用现行证书重新签发部门的现行证照(生成批次,由另一人放行)',
    body: resignBody,
    data: batchData,
    codes: ['scope_missing', 'precondition_failed'],
    handle: ({ caller, body, tx }) => requestResign(deps, tx, caller, body),
  }),
  writeEndpoint<Tx, typeof declarationBody>({
    ...post,
    operationId: 'declareStock',
    path: '/v1/declarations',
    summaryZh: '申报部门某类证照的存量数(入库进度的分母)',
    body: declarationBody,
    data: declarationData,
    codes: ['scope_missing', 'type_not_found', 'validation_failed'],
    handle: ({ caller, body, tx }) => declareStock(deps, tx, caller, body),
  }),
  readEndpoint({
    operationId: 'listProgress',
    method: 'GET',
    path: '/v1/declarations',
    summaryZh: '查看存量入库进度',
    roles: ['S', 'V', 'A'],
    idempotent: false,
    operatorRequired: false,
    data: progressData,
    codes: [],
    handle: ({ caller }) => showProgress(deps, deps.store.db, caller),
  }),
]
