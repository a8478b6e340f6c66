import { z } from 'zod'
import type { HotelChain } from './hotel-chain.ts'
import { clerkOperator, expectThat, type Walk } from './walk.ts'

/**
 * Story 21: a thief has the clerk system's key, a clerk's id, the city's people and even a licence id,
 * but no registrar. Answers how many records the thief read (0).
 */
export const walkStolenKey = async (walk: Walk, { licenceId }: HotelChain): Promise<number> => {
  const { narrator } = walk
  narrator.chapter(
    '演练:大厅系统的密钥被盗',
    'Drill: a clerk system’s key is stolen, and no registrar is',
  )
  const thief = walk.parties.clerkSystem.as('clerk-city', clerkOperator)
  const tries = new Map<string, number>()
  let records = 0
  const note = (what: string, reply: { readonly status: number; readonly text: string }): void => {
    const key = `${what} → ${String(reply.status)}`
    tries.set(key, (tries.get(key) ?? 0) + 1)
    if (reply.text.includes('sdJwt') || reply.text.includes('"fields":')) records += 1
  }
  note('没有办件,直接读证照 / read without a case', await thief.get(`/v1/licences/${licenceId}`))
  note(
    '猜一个办件号 / guess a case',
    await thief.get(`/v1/licences/${licenceId}?case=0190b8f0-0000-7000-8000-000000000000`),
  )
  for (const [place, subject] of walk.subjects.entries()) {
    const opened = await thief.post('/v1/cases', {
      caseNo: `X-${String(place)}`,
      itemCode: subject.idType === '001' ? 'QD-YL-001' : 'QD-GA-006',
      channel: 'hall',
      subject: { idType: subject.idType, id: subject.id, name: subject.name },
      operator: { id: clerkOperator, name: '孙晓琳' },
    })
    const caseId = z.object({ caseId: z.string() }).safeParse(opened.data).data?.caseId
    if (caseId === undefined) continue
    const code = subject.idType === '001' ? 'QD-YL-001-M02' : 'QD-GA-006-M01'
    note(
      '自己开办件再调取 / open a case and fetch',
      await thief.post(`/v1/cases/${caseId}/fetches`, { materials: [{ code }] }),
    )
    note(
      '自己开办件再读证照 / open a case and read',
      await thief.get(`/v1/licences/${licenceId}?case=${caseId}`),
    )
  }
  narrator.rows([...tries].map(([what, count]) => [`${String(count)} ×`, what]))
  expectThat(records === 0, 'the thief reads nothing')
  narrator.good(
    `读到的证照:${String(records)} 份。`,
    `Records read: ${String(records)}. Every attempt is filed.`,
  )
  return records
}
