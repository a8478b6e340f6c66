import { describe, expect, it } from 'vitest'
import { closeCase } from '../../src/cases/close-case.ts'
import { getUsableCase, getVisibleCase } from '../../src/cases/get-usable-case.ts'
import { registerCase } from '../../src/cases/register-case.ts'
import type { CaseRegistration } from '../../src/cases/case-file.ts'
import type { Caller } from '../../src/contract/caller.ts'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import { digest } from '../../src/crypto/digest.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { testStore } from '../support/database.ts'
import {
  aCaller,
  aRegistration,
  caseIdIn,
  clerk,
  openCaseRoom,
  otherClerk,
  portal,
  registrar,
} from './case-room.ts'

const store = await testStore()
const room = await openCaseRoom(store)

const register = (caller: Caller, body: CaseRegistration) =>
  inTransaction(store, (tx) => registerCase(room, tx, caller, body))

describe('registerCase', () => {
  it('binds a registrar’s case to the system of the clerk at the window', async () => {
    const answer = await register(registrar, aRegistration({ caseNo: 'bind-1' }))
    expect(answer).toMatchObject({ status: 201, data: { assurance: 'registered', state: 'open' } })
    const caseId = caseIdIn(answer)
    await expect(getUsableCase(room, clerk, caseId)).resolves.toMatchObject({
      clientId: 'clerk-city',
    })
    await expect(getUsableCase(room, otherClerk, caseId)).rejects.toMatchObject({
      code: 'case_not_found',
    })
    await expect(getUsableCase(room, registrar, caseId)).rejects.toMatchObject({
      code: 'case_not_found',
    })
  })

  it('only asserts what a clerk system or portal opens for itself', async () => {
    const own = await register(clerk, aRegistration({ caseNo: 'own-1' }))
    expect(own.data).toMatchObject({ assurance: 'asserted' })
    const online = await register(portal, aRegistration({ caseNo: 'own-2', channel: 'web' }))
    expect(online.data).toMatchObject({ assurance: 'asserted' })
  })

  it('only asserts a case of a client that holds both roles', async () => {
    const both = aCaller('clerk-city', ['R', 'C'])
    expect((await register(both, aRegistration({ caseNo: 'both-1' }))).data).toMatchObject({
      assurance: 'asserted',
    })
  })

  it('answers the same registration again with the first case, another body with case_conflict', async () => {
    const body = aRegistration({ caseNo: 'again-1' })
    const first = await register(registrar, body)
    const again = await register(registrar, body)
    expect([again.status, caseIdIn(again)]).toEqual([200, caseIdIn(first)])
    const other = { ...body, channel: 'kiosk' as const }
    await expect(register(registrar, other)).rejects.toMatchObject({ code: 'case_conflict' })
  })

  it.each([
    ['item_not_found', { itemCode: 'QD-NONE-1' }],
    ['operator_unknown', { operator: { id: 'nobody', name: '无名' } }],
    ['operator_suspended', { operator: { id: 'clerk-370203-005', name: '停用测试员' } }],
    ['legal_basis_mismatch', { legalBasis: '别的依据' }],
    ['mandate_invalid', { mandateId: 'M-1' }],
    ['validation_failed', { facts: { weather: true } }],
    ['id_checksum', { subject: { idType: '111', id: '370299190001010014', name: '测试' } }],
    [
      'id_checksum',
      {
        relatedSubjects: [
          { role: 'spouse', idType: '111', id: '37029919000101002X', name: '测试' },
        ],
      },
    ],
  ] as [string, Partial<CaseRegistration>][])('refuses with %s: %j', async (code, changes) => {
    const body = { ...aRegistration({ caseNo: 'bad-1' }), ...changes }
    await expect(register(registrar, body)).rejects.toMatchObject({ code })
  })

  it('does not let a clerk system open a case in the name of another system’s clerk', async () => {
    await expect(
      register(otherClerk, aRegistration({ caseNo: 'foreign-1' })),
    ).rejects.toMatchObject({
      code: 'operator_unknown',
    })
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])(
    'takes no member that every object has for a fact of the item: %s',
    async (fact) => {
      const body = aRegistration({ caseNo: 'fact-1', facts: { [fact]: true } })
      await expect(register(registrar, body)).rejects.toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: `/facts/${fact}`, code: 'fact_unknown' }],
      })
    },
  )

  it('leaves no hash by which somebody without the key could try names and numbers', async () => {
    const body = aRegistration({ caseNo: 'hash-1' })
    await register(registrar, body)
    const { body_digest: kept } = await store.db
      .selectFrom('case_file')
      .select('body_digest')
      .where('case_no', '=', 'hash-1')
      .executeTakeFirstOrThrow()
    expect(kept.equals(digest('sha-256', canonicalJson(body)))).toBe(false)
  })

  it('keeps nobody’s name or number readable in the database', async () => {
    await register(registrar, aRegistration({ caseNo: 'secret-1' }))
    const { rows } = await store.pool.query<{ text: string }>(
      "select row_to_json(c)::text || encode(blob, 'escape') as text from case_file c where case_no = 'secret-1'",
    )
    expect(rows[0]?.text).not.toMatch(/370299190001010013|测试齐全|孙晓琳/)
  })
})

describe('closeCase', () => {
  const close = (caller: Caller, caseId: string) =>
    inTransaction(store, (tx) => closeCase(room, tx, caller, { caseId, outcome: 'approved' }))

  it('ends all use of the case, once', async () => {
    const caseId = caseIdIn(await register(registrar, aRegistration({ caseNo: 'close-1' })))
    await expect(close(clerk, caseId)).resolves.toMatchObject({ data: { state: 'closed' } })
    await expect(close(clerk, caseId)).rejects.toMatchObject({ code: 'case_closed' })
    await expect(getUsableCase(room, clerk, caseId)).rejects.toMatchObject({ code: 'case_closed' })
    await expect(getVisibleCase(room.findCase, registrar, caseId)).resolves.toMatchObject({
      state: 'closed',
      outcome: 'approved',
    })
  })

  it('is refused to strangers as if the case did not exist', async () => {
    const caseId = caseIdIn(await register(registrar, aRegistration({ caseNo: 'close-2' })))
    await expect(close(otherClerk, caseId)).rejects.toMatchObject({ code: 'case_not_found' })
    await expect(close(clerk, '0190b8f0-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'case_not_found',
    })
    await expect(close(clerk, 'not-an-id')).rejects.toMatchObject({ code: 'case_not_found' })
  })
})
