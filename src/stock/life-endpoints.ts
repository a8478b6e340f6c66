import type { z } from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import type { Tx } from '../store/in-transaction.ts'
import { changeStatus, statusBody, statusData } from './change-status.ts'
import { issueBody, issueData, issueLicence } from './issue-licence.ts'
import { listVersions, versionsData } from './list-versions.ts'
import {
  endStandingOrder,
  registerStandingOrder,
  standingOrderBody,
  standingOrderData,
} from './register-standing-order.ts'
import type { StockDeps } from './stock-deps.ts'

/** The life of single licences: standing orders, issue, status, versions. */
export const lifeEndpoints = (deps: StockDeps): readonly Endpoint<Tx>[] => [
  standingOrderEndpoint(deps),
  endStandingOrderEndpoint(deps),
  issueEndpoint(deps),
  statusEndpoint(deps),
  versionsEndpoint(deps),
]

const standingOrderEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, typeof standingOrderBody>({
    operationId: 'addStandingOrder',
    method: 'POST',
    path: '/v1/standing-orders',
    summaryZh: '登记长期放行单(入库员签署,允许逐份颁发)',
    roles: ['S'],
    idempotent: true,
    operatorRequired: false,
    body: standingOrderBody,
    data: standingOrderData,
    codes: ['scope_missing', 'validation_failed'],
    handle: ({ caller, body, signed, tx }) =>
      registerStandingOrder(deps, tx, caller, { jws: body.jws, signed }),
  })

const endStandingOrderEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, z.ZodType>({
    operationId: 'revokeStandingOrder',
    method: 'POST',
    path: '/v1/standing-orders/:orderId/revoke',
    summaryZh: '停用长期放行单',
    roles: ['S'],
    idempotent: true,
    operatorRequired: false,
    data: standingOrderData,
    codes: ['precondition_failed'],
    handle: ({ caller, params, tx }) => endStandingOrder(deps, tx, caller, params['orderId'] ?? ''),
  })

const issueEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, typeof issueBody>({
    operationId: 'issueLicence',
    method: 'POST',
    path: '/v1/licences',
    summaryZh: '颁发或更换一份证照',
    roles: ['D'],
    idempotent: true,
    operatorRequired: false,
    body: issueBody,
    data: issueData,
    codes: [
      'scope_missing',
      'type_not_found',
      'id_checksum',
      'identifier_check',
      'version_conflict',
      'batch_state',
      'precondition_failed',
      'hall_unavailable',
    ],
    handle: ({ caller, body, tx }) => issueLicence(deps, tx, caller, body),
  })

const statusEndpoint = (deps: StockDeps) =>
  writeEndpoint<Tx, typeof statusBody>({
    operationId: 'changeLicenceStatus',
    method: 'POST',
    path: '/v1/licences/:licenceId/status',
    summaryZh: '变更证照状态(暂扣、吊销、注销、恢复等)',
    roles: ['D'],
    idempotent: true,
    operatorRequired: false,
    body: statusBody,
    data: statusData,
    codes: ['licence_not_found', 'version_conflict', 'validation_failed'],
    handle: ({ caller, params, body, tx }) =>
      changeStatus(deps, tx, caller, { licenceId: params['licenceId'] ?? '', body }),
  })

const versionsEndpoint = (deps: StockDeps) =>
  readEndpoint({
    operationId: 'listLicenceVersions',
    method: 'GET',
    path: '/v1/licences/:licenceId/versions',
    summaryZh: '证照的各个版本(不含内容)',
    roles: ['D', 'A'],
    idempotent: false,
    operatorRequired: false,
    data: versionsData,
    codes: ['licence_not_found'],
    handle: ({ caller, params }) =>
      listVersions(deps, deps.store.db, caller, params['licenceId'] ?? ''),
  })
