import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { findCases } from '../../src/cases/case-store.ts'
import type { CaseRegistration } from '../../src/cases/case-file.ts'
import { listFetchedMaterials } from '../../src/cases/fetch-store.ts'
import { caseRegistrationSchema } from '../../src/cases/case-file.ts'
import type { FetchMaterialsDeps } from '../../src/cases/fetch-materials.ts'
import type { RegisterCaseDeps } from '../../src/cases/register-case.ts'
import { licenceTypeSchema } from '../../src/catalogue/licence-type.ts'
import type { Caller, Role } from '../../src/contract/caller.ts'
import type { Answer } from '../../src/contract/endpoint.ts'
import { asId, type ClientId } from '../../src/contract/ids.ts'
import type { Licence } from '../../src/licences/licence.ts'
import type { Store } from '../../src/store/open-store.ts'
import { anItem } from '../support/catalogue.ts'
import { testDataKeys } from '../support/data-keys.ts'

export const now = new Date('2026-11-23T02:00:00Z')

export const aCaller = (clientId: string, roles: readonly Role[]): Caller => ({
  clientId: asId(clientId),
  kind: 'system',
  organisationId: asId('city-service-hall'),
  roles,
  certificateId: asId('c'),
  operatorId: undefined,
  operatorAsserted: false,
})

export const registrar = aCaller('registrar-city', ['R'])
export const clerk = aCaller('clerk-city', ['C'])
export const otherClerk = aCaller('clerk-370203', ['C'])
export const portal = aCaller('portal-city', ['P'])

export const aRegistration = (changes: Partial<CaseRegistration> = {}): CaseRegistration =>
  caseRegistrationSchema.parse({
    caseNo: 'QD-1',
    itemCode: 'QD-TEST-001',
    channel: 'hall',
    subject: { idType: '111', id: '370299190001010013', name: '测试齐全' },
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
    ...changes,
  })

const operators: ReadonlyMap<string, { clientId: ClientId; suspended: boolean }> = new Map([
  ['clerk-city-001', { clientId: clerk.clientId, suspended: false }],
  ['clerk-370203-005', { clientId: otherClerk.clientId, suspended: true }],
])

/** The id of the case that an answer is about. */
export const caseIdIn = ({ data }: Answer): string =>
  z.object({ caseId: z.string() }).parse(data).caseId

const cardType = licenceTypeSchema.parse({
  shortCode: 'GA-SFZ',
  typeCode: '113702990037000297016',
  nationalCode: null,
  nameZh: '居民身份证',
  nameEn: 'Resident identity card',
  hall: null,
  issuer: { code: '113702990037000297', name: '青岛市公安局' },
  holderKind: 0,
  kind: 1,
  sharing: { class: 'conditional', statute: '测试' },
  singleInstance: true,
  validityYears: 20,
  trustLevel: 'A',
  version: 1,
  status: 2,
  fields: [
    {
      key: 'name',
      nameZh: '姓名',
      type: 'string',
      maxLength: 50,
      required: true,
      sensitive: false,
    },
  ],
})

export type CaseRoom = RegisterCaseDeps &
  FetchMaterialsDeps & {
    /** What the licence store would find; asked queries are noted. */
    readonly stock: Licence[]
    readonly asked: string[]
    readonly presented: string[]
  }

/** The clerk's room over a real database; licences and access answer from plain objects. */
export const openCaseRoom = async (store: Store): Promise<CaseRoom> => {
  await store.db
    .insertInto('organisation')
    .values({
      organisation_id: 'city-service-hall',
      name_zh: '青岛市政务服务大厅',
      uscc: '11370299003700248H',
      parent_id: null,
      roles: ['R', 'C', 'P'],
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  for (const id of ['registrar-city', 'clerk-city', 'clerk-370203', 'portal-city']) {
    await store.db
      .insertInto('client')
      .values({
        client_id: id,
        kind: 'system',
        organisation_id: 'city-service-hall',
        roles: ['C'],
        operator_id: null,
        suspended_at: null,
        created_at: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const keys = testDataKeys()
  const item = anItem()
  const stock: Licence[] = []
  const asked: string[] = []
  const presented: string[] = []
  return {
    stock,
    asked,
    presented,
    keys,
    randomBytes,
    digestName: 'sha-256',
    clock: { now: () => now, cityDate: () => '2018-11-30' },
    findItem: async (code) => (code === item.code ? item : undefined),
    getItem: async () => item,
    getType: async () => cardType,
    findCase: async (caseId, clientId) =>
      (await findCases(store.db, keys, [{ caseId, clientId }]))[0],
    listFetched: (caseId) => listFetchedMaterials(store.db, caseId),
    findOperatorClient: async (operatorId) => operators.get(operatorId),
    findGrants: async () => [{ typeCode: '113702990037000297016', fields: null }],
    grantedTypes: async () => ['113702990037000297016'],
    findLicences: async (queries) => {
      asked.push(...queries.map(({ holder }) => holder.id))
      return queries.map(() => stock)
    },
    presentLicence: async (licenceId, fields) => {
      presented.push(licenceId)
      return {
        sdJwt: 'e30.e30.c2ln~',
        fields: Object.fromEntries(fields.map((field) => [field, '…'])),
        keyCustody: 'department',
      }
    },
    numberTailOf: async () => '0013',
    agreesWith: async (_licence, { number }) => number === 'right',
  }
}
