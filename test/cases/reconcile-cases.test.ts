import { beforeAll, describe, expect, it } from 'vitest'
import { insertClient } from '../../src/access/client-store.ts'
import { insertOrganisation } from '../../src/access/organisation-store.ts'
import { reconcileCases } from '../../src/cases/reconcile-cases.ts'
import { insertConfirmations } from '../../src/cases/reconciliation-store.ts'
import type { Deed } from '../../src/contract/endpoint.ts'
import { asId } from '../../src/contract/ids.ts'
import { testStore } from '../support/database.ts'

const store = await testStore()
const opened = new Date('2026-11-23T02:00:00Z')
const events: Deed[] = []
let cases = 0

const run = (hoursLater: number) =>
  reconcileCases({
    store,
    clock: {
      now: () => new Date(opened.getTime() + hoursLater * 3_600_000),
      cityDate: () => '2018-11-30',
    },
    fileEvent: async (_tx, deed) => {
      events.push(deed)
    },
  })

beforeAll(async () => {
  const organisation = {
    organisationId: asId<never>('o'),
    nameZh: '机构',
    roles: ['R', 'C'],
  } as const
  await insertOrganisation(
    store.db,
    { ...organisation, uscc: asId('113702990037000297'), parentId: undefined, connected: true },
    opened,
  )
  for (const [id, role] of [
    ['registrar', 'R'],
    ['clerk', 'C'],
  ] as const)
    await insertClient(
      store.db,
      {
        clientId: asId(id),
        kind: 'system',
        organisationId: organisation.organisationId,
        roles: [role],
        operatorId: undefined,
      },
      opened,
    )
})

const addCase = async (
  caseNo: string,
  { by = 'clerk', subject = 'a' }: { by?: 'clerk' | 'registrar'; subject?: string } = {},
): Promise<string> => {
  const caseId = `01937b7e-0000-7000-8000-${String((cases += 1)).padStart(12, '0')}`
  await store.db
    .insertInto('case_file')
    .values({
      case_id: caseId,
      case_no: caseNo,
      registrar_id: by,
      client_id: 'clerk',
      item_code: 'QD-RS-007',
      item_version: 1,
      channel: 'hall',
      division: null,
      assurance: by === 'registrar' ? 'registered' : 'asserted',
      subject_index: Buffer.from(subject),
      body_digest: Buffer.from('x'),
      blob: Buffer.from('x'),
      key_id: 'k',
      state: 'open',
      created_at: opened,
      expires_at: opened,
    })
    .execute()
  return caseId
}

describe('the daily reconciliation', () => {
  it('files a self-opened case that no registrar knows, once, a day later', async () => {
    const unknown = await addCase('N-1')
    expect(await run(23)).toEqual({ asserted: 0, unconfirmed: 0 })
    expect(await run(25)).toEqual({ asserted: 1, unconfirmed: 1 })
    expect(events).toMatchObject([
      { action: 'case.unconfirmed', caseId: unknown, detail: { clientId: 'clerk' } },
      { action: 'case.reconcile', detail: { asserted: 1, unconfirmed: 1 } },
    ])
    expect(await run(49)).toEqual({ asserted: 0, unconfirmed: 0 })
  })

  it('is content with the registrar’s own registration of the same applicant, or with its list', async () => {
    await addCase('N-2')
    await addCase('N-2', { by: 'registrar' })
    await addCase('N-3')
    const listed = [{ caseNo: 'N-3', itemCode: 'QD-RS-007' }]
    expect(await insertConfirmations(store.db, 'registrar', listed, opened)).toBe(1)
    expect(await insertConfirmations(store.db, 'registrar', listed, opened)).toBe(0)
    expect(await run(25)).toEqual({ asserted: 2, unconfirmed: 0 })
  })

  it('is not content with another applicant under the same number', async () => {
    await addCase('N-4', { subject: 'a' })
    await addCase('N-4', { by: 'registrar', subject: 'b' })
    expect(await run(25)).toEqual({ asserted: 1, unconfirmed: 1 })
  })
})
