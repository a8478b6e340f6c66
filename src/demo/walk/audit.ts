import { z } from 'zod'
import type { HotelChain } from './hotel-chain.ts'
import { expectStatus, expectThat, type Walk } from './walk.ts'

const eventsReply = z.object({
  events: z.array(
    z.object({
      event: z.looseObject({
        at: z.string(),
        action: z.string(),
        decision: z.string(),
        clientId: z.string().default(''),
        operatorId: z.string().default(''),
        itemCode: z.string().default(''),
        legalBasis: z.string().default(''),
      }),
    }),
  ),
})

/** The auditor asks who read one licence, when, for which case and on which legal basis. */
export const walkAudit = async (walk: Walk, { licenceId }: HotelChain): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('审计:谁看过这份证照,为什么', 'Audit: who read this licence, and why?')
  const reason = encodeURIComponent('演示:核查用证记录')
  const reply = await walk.parties.auditor
    .as('auditor-1')
    .get(`/v1/audit/events?licence=${licenceId}&reason=${reason}`)
  const { events } = eventsReply.parse(expectStatus(reply, 200, 'audit').data)
  expectThat(
    events.some(({ event }) => event.action === 'case.fetch' && event.clientId === 'clerk-city'),
    'the auditor finds the fetch',
  )
  narrator.rows(
    events.map(({ event }) => [
      event.at,
      `${event.clientId}/${event.operatorId}`,
      event.action,
      event.decision,
      event.itemCode,
      event.legalBasis,
    ]),
  )
  narrator.good('这次查询本身也已留痕。', 'The search itself is filed too.')
}
