import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer, Endpoint } from '../contract/endpoint.ts'
import { readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { caseRegistrationSchema, subjectSchema } from './case-file.ts'
import { caseSummary } from './case-summary.ts'
import type { CaseDb } from './case-store.ts'
import { checkMaterials } from './check-materials.ts'
import { closeCase } from './close-case.ts'
import { confirmCasesEndpoint } from './confirm-cases.ts'
import { type FetchInput, fetchMaterials } from './fetch-materials.ts'
import { fetchedMaterialRows, fetchRow } from './fetch-store.ts'
import { getCaseLicence } from './get-case-licence.ts'
import { getVisibleCase } from './get-usable-case.ts'
import { repeatFetch, type RepeatFetchDeps } from './repeat-fetch.ts'
import { searchLicences } from './search-licences.ts'
import { type RegisterCaseDeps, registerCase } from './register-case.ts'
import { caseData, checkData, fetchData, licenceData, searchData } from './case-schemas.ts'

export type CaseDeps = RegisterCaseDeps & RepeatFetchDeps

const materialCode = z.string().regex(/^[0-9A-Z-]{1,40}$/)
const checkBody = z.strictObject({
  materials: z.array(materialCode).min(1).max(200).exactOptional(),
  /** Read off third parties' papers: answered with match or no match. */
  matches: z
    .array(
      z.strictObject({
        code: materialCode,
        number: z.string().trim().min(1).max(100),
        address: z.string().trim().min(1).max(300),
      }),
    )
    .max(5)
    .exactOptional(),
})
const fetchBody = z.strictObject({
  materials: z
    .array(z.strictObject({ code: materialCode, licenceId: z.uuid().exactOptional() }))
    .min(1)
    .max(200),
  waitMs: z.int().min(0).max(8000).default(8000),
})
const searchBody = z.strictObject({
  case: z.string().max(64).exactOptional(),
  holder: subjectSchema,
  type: z.string().regex(/^[0-9A-Z]{21}$/),
})
const closeBody = z.strictObject({ outcome: z.enum(['approved', 'refused', 'withdrawn', 'other']) })
const usable = ['case_not_found', 'case_closed', 'item_does_not_need_type'] as const

/** The clerk's room: register, read and close a case; check, fetch and read licences under it. */
export const caseEndpoints = (deps: CaseDeps): readonly Endpoint<CaseDb>[] => [
  registerCaseEndpoint(deps),
  getCaseEndpoint(deps),
  closeCaseEndpoint(deps),
  checkMaterialsEndpoint(deps),
  fetchMaterialsEndpoint(deps),
  getFetchEndpoint(deps),
  ...licenceEndpoints(deps),
  searchLicencesEndpoint(deps),
  confirmCasesEndpoint(deps),
]

const registerCaseEndpoint = (deps: CaseDeps) =>
  writeEndpoint<CaseDb, typeof caseRegistrationSchema>({
    operationId: 'registerCase',
    method: 'POST',
    path: '/v1/cases',
    summaryZh: '登记办件',
    roles: ['R', 'C', 'P'],
    idempotent: true,
    operatorRequired: false,
    codes: [
      'item_not_found',
      'operator_unknown',
      'operator_suspended',
      'legal_basis_mismatch',
      'mandate_invalid',
      'case_conflict',
      'id_checksum',
    ],
    body: caseRegistrationSchema,
    data: caseData,
    handle: ({ caller, body, tx }) => registerCase(deps, tx, caller, body),
  })

const getCaseEndpoint = (deps: CaseDeps) =>
  readEndpoint({
    operationId: 'getCase',
    method: 'GET',
    path: '/v1/cases/:caseId',
    summaryZh: '查看办件',
    roles: ['R', 'C', 'P', 'A'],
    idempotent: false,
    operatorRequired: false,
    codes: ['case_not_found'],
    data: caseData,
    handle: async ({ caller, params }) => {
      const file = await getVisibleCase(deps.findCase, caller, params['caseId'] ?? '')
      return {
        status: 200,
        data: caseSummary(file),
        deed: { action: 'case.read', decision: 'allowed', caseId: file.caseId },
      }
    },
  })

const closeCaseEndpoint = (deps: CaseDeps) =>
  writeEndpoint<CaseDb, typeof closeBody>({
    operationId: 'closeCase',
    method: 'POST',
    path: '/v1/cases/:caseId/close',
    summaryZh: '办结办件',
    roles: ['R', 'C', 'P'],
    idempotent: true,
    operatorRequired: false,
    codes: ['case_not_found', 'case_closed'],
    body: closeBody,
    data: caseData,
    handle: ({ caller, params, body, tx }) =>
      closeCase(deps, tx, caller, { caseId: params['caseId'] ?? '', outcome: body.outcome }),
  })

const checkMaterialsEndpoint = (deps: CaseDeps) =>
  readEndpoint({
    operationId: 'checkMaterials',
    method: 'POST',
    path: '/v1/cases/:caseId/checks',
    summaryZh: '查询市里已有哪些申请材料(只答有无,不给内容)',
    roles: ['C', 'P', 'D'],
    idempotent: false,
    operatorRequired: true,
    codes: usable,
    body: checkBody,
    data: checkData,
    handle: ({ caller, params, body, requestId }) =>
      checkMaterials(deps, caller, { caseId: params['caseId'] ?? '', requestId, ...body }),
  })

const fetchMaterialsEndpoint = (deps: CaseDeps) =>
  readEndpoint({
    operationId: 'fetchMaterials',
    method: 'POST',
    path: '/v1/cases/:caseId/fetches',
    summaryZh: '调取申请材料',
    roles: ['C', 'D', 'P'],
    idempotent: true,
    operatorRequired: true,
    codes: [...usable, 'assurance_too_low', 'precondition_failed', 'fetch_not_found'],
    body: fetchBody,
    data: fetchData,
    repeat: ({ caller, params }, kept) => {
      const { fetchId } = keptFetch.parse(kept)
      return repeatFetch(deps, caller, { caseId: params['caseId'] ?? '', fetchId })
    },
    handle: ({ caller, params, body, requestId }) =>
      fetchAndKeep(deps, caller, { caseId: params['caseId'] ?? '', requestId, ...body }),
  })

const getFetchEndpoint = (deps: CaseDeps) =>
  readEndpoint({
    operationId: 'getFetch',
    method: 'GET',
    path: '/v1/cases/:caseId/fetches/:fetchId',
    summaryZh: '再看一次调取的结果',
    roles: ['C', 'D', 'P'],
    idempotent: false,
    operatorRequired: true,
    codes: ['case_not_found', 'case_closed', 'fetch_not_found', 'precondition_failed'],
    data: fetchData,
    handle: async ({ caller, params }) => {
      const { caseId = '', fetchId = '' } = params
      return { status: 200, ...(await repeatFetch(deps, caller, { caseId, fetchId })) }
    },
  })

const licenceEndpoints = (deps: CaseDeps): readonly Endpoint<CaseDb>[] => {
  const common = {
    method: 'GET',
    summaryZh: '查看办件可用的一份证照',
    roles: ['C', 'D'],
    idempotent: false,
    operatorRequired: true,
    codes: [
      ...usable,
      'case_required',
      'licence_not_found',
      'assurance_too_low',
      'hall_error',
      'hall_unavailable',
      'hall_timeout',
    ],
    data: licenceData,
  } as const
  return [
    readEndpoint({
      ...common,
      operationId: 'getCaseLicence',
      path: '/v1/cases/:caseId/licences/:licenceId',
      handle: ({ caller, params, requestId }) =>
        getCaseLicence(deps, caller, {
          requestId,
          caseId: params['caseId'],
          licenceId: params['licenceId'] ?? '',
        }),
    }),
    readEndpoint({
      ...common,
      operationId: 'getLicence',
      summaryZh: '按编号查看一份证照(须指明办件)',
      path: '/v1/licences/:licenceId',
      query: z.strictObject({ case: z.string().max(64).exactOptional() }),
      handle: ({ caller, params, query, requestId }) =>
        getCaseLicence(deps, caller, {
          requestId,
          caseId: query['case'],
          licenceId: params['licenceId'] ?? '',
        }),
    }),
  ]
}

const searchLicencesEndpoint = (deps: CaseDeps) =>
  readEndpoint({
    operationId: 'searchLicences',
    method: 'POST',
    path: '/v1/licences/search',
    summaryZh: '在办件下查找某人的一类证照(不给内容)',
    roles: ['C', 'D'],
    idempotent: false,
    operatorRequired: true,
    codes: ['case_required', 'licence_not_found', 'assurance_too_low', ...usable],
    body: searchBody,
    data: searchData,
    handle: ({ caller, body }) =>
      searchLicences(deps, caller, { caseId: body.case, holder: body.holder, typeCode: body.type }),
  })

const fetchAndKeep = async (deps: CaseDeps, caller: Caller, input: FetchInput): Promise<Answer> => {
  const { fetchId, file, fetched, record, ...answer } = await fetchMaterials(deps, caller, input)
  const about = { fetchId, caseId: file.caseId, now: deps.clock.now() }
  const row = fetchRow(deps.keys, { ...about, clientId: caller.clientId, data: record })
  const companions = [row, ...fetchedMaterialRows(about, fetched)]
  return { ...answer, companions, kept: { fetchId } }
}

/** What the idempotency key of a fetch keeps: the fetch itself has its record. */
const keptFetch = z.object({ fetchId: z.uuid() })
