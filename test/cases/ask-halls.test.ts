import { expect, it } from 'vitest'
import { askHalls } from '../../src/cases/ask-halls.ts'
import type { AssessedMaterial } from '../../src/cases/assess-materials.ts'
import type { CaseFile } from '../../src/cases/case-file.ts'
import type { HallDesk } from '../../src/cases/hall-desk.ts'
import type { Judgement } from '../../src/cases/judge-material.ts'
import { licenceTypeSchema } from '../../src/catalogue/licence-type.ts'
import { asId } from '../../src/contract/ids.ts'
import type { MaterialQuery } from '../../src/halls/dispatcher-room.ts'
import type { LicenceStatus } from '../../src/licences/licence.ts'
import { people } from '../adapters/harness.ts'
import { licenceOf, setContext } from '../halls/harness.ts'
import { aMaterial, anItem } from '../support/catalogue.ts'
import { aLicence } from '../support/licence.ts'
import { aRegistration, clerk, now } from './case-room.ts'

const atHall = '019a0000-0000-7000-8000-0000000000aa'
const clock = { now: () => now, cityDate: () => '2018-11-30' }
const type = licenceTypeSchema.parse({
  ...{ shortCode: 'GA-SFZ', typeCode: aLicence().typeCode, nationalCode: null, hall: 'police' },
  ...{ nameZh: '居民身份证', nameEn: 'Resident identity card', holderKind: 0, kind: 1 },
  ...{ issuer: { code: '113702990037000297', name: '青岛市公安局' }, singleInstance: true },
  ...{ sharing: { class: 'conditional', statute: '测试' }, validityYears: 20, trustLevel: 'A' },
  ...{ version: 1, status: 2, maxStatusAgeDays: 1 },
  fields: [
    {
      ...{ key: 'name', nameZh: '姓名', type: 'string', maxLength: 50 },
      ...{ required: true, sensitive: false },
    },
  ],
})

const { caseNo, facts, consents, relatedSubjects, subject } = aRegistration()
const file: CaseFile = {
  ...{ caseId: asId('019a0000-0000-7000-8000-000000000001'), caseNo, clientId: clerk.clientId },
  ...{ registrarId: asId('registrar-city'), itemCode: 'QD-TEST-001', itemVersion: 1 },
  ...{ channel: 'hall', division: null, assurance: 'registered', state: 'open', outcome: null },
  ...{ createdAt: now, expiresAt: now, closedAt: null, subjectIndex: new Uint8Array() },
  people: {
    ...{ subject, relatedSubjects, facts, consents },
    ...{ operatorId: asId('clerk-city-001'), operatorName: '孙晓琳' },
  },
}

/** A hall that still gives out the paper, in force, of which stock says `judgement`. */
const askWith = async (
  judgement: Judgement,
  { version = '001', hold }: { version?: string; hold?: 'sealed' } = {},
) => {
  const asked: MaterialQuery[] = []
  const desk: HallDesk = {
    connectionOf: () => ({ hallId: 'police', nameZh: '公安专业大厅', away: undefined }),
    findMaterials: async () => [],
    collectMaterials: async (queries) => {
      asked.push(...queries)
      const licence = licenceOf({ version })
      const finding = {
        materialCode: 'M1',
        typeCode: '',
        hallId: 'police',
        askedAt: now,
        tookMs: 1,
      }
      return queries.map(() => ({
        ...finding,
        outcome: { state: 'collected', candidateId: atHall, licence },
      }))
    },
    operatorOf: async () => setContext().operator,
    attest: async () => undefined,
    ticketsOf: async () => new Map(),
    agreesWith: () => false,
    report: () => undefined,
  }
  const entry: AssessedMaterial = {
    ...{ material: aMaterial(), judgement, disclosable: ['name'], holders: [people.allPresent] },
    ...{ onlyMatch: undefined, hold },
  }
  const [answered] = await askHalls(
    { halls: desk, clock, getType: async () => type, numberTailOf: async () => '0004' },
    {
      ...{ file, item: anItem(), caller: clerk, requestId: '', waitMs: 1000, wantsContent: true },
      chosen: new Map([['M1', atHall]]),
    },
    [entry],
  )
  return { asked, state: answered?.judgement.state }
}

const ended = (status: LicenceStatus & ('revoked' | 'suspended')): Judgement => ({
  state: status,
  reason: status === 'revoked' ? 'status_revoked' : 'status_suspended',
  licences: [aLicence({ status, issuedAt: '2018-06-12' })],
})

it.each(['revoked', 'suspended'] as const)(
  'a paper that stock has as %s stays so though a clerk names it by the hall’s number',
  async (status) => {
    expect(await askWith(ended(status))).toMatchObject({
      asked: [{ candidateId: atHall }],
      state: status,
    })
    expect((await askWith(ended(status), { version: '002' })).state).toBe('available')
  },
)

it('a hall is not asked for a paper that is held, whoever names it', async () => {
  const sealed = { state: 'forbidden', reason: 'no_grant', licences: [] } as const
  expect(await askWith(sealed, { hold: 'sealed' })).toEqual({ asked: [], state: 'forbidden' })
})

it('a hall’s paper that stock knows nothing of is given to who names it', async () => {
  const none = { state: 'not_found', reason: 'no_record', licences: [] } as const
  expect((await askWith(none)).state).toBe('available')
})
