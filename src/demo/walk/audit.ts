import { z } from 'zod'
import type { HotelChain } from './hotel-chain.ts'
import { expectStatus, expectThat, type Walk } from './walk.ts'

const eventsReply = z.array(
  z.looseObject({
    time: z.string(),
    client: z.string(),
    operator: z.string().optional(),
    action: z.string(),
    case: z.string().optional(),
    item: z.string().optional(),
    legalBasis: z.string().optional(),
    decision: z.string(),
  }),
)

/** The auditor asks who read one licence, when, for which case and on which legal basis. */
export const walkAudit = async (walk: Walk, { licenceId }: HotelChain): Promise<void> => {
  const { narrator } = walk
  narrator.chapter('审计:谁看过这份证照,为什么', 'Audit: who read this licence, and why?')
  const reason = encodeURIComponent('演示:核查用证记录')
  const reply = await walk.parties.auditor
    .as('auditor-1')
    .get(`/v1/audit/events?licence=${licenceId}&reason=${reason}`)
  const found = z
    .looseObject({ events: z.unknown() })
    .safeParse(expectStatus(reply, 200, 'audit').data)
  const events = eventsReply.parse(found.success ? found.data.events : reply.data)
  expectThat(
    events.some(({ action, client }) => action === 'case.fetch' && client === 'clerk-city'),
    'the auditor finds the fetch',
  )
  narrator.rows(
    events.map(({ time, client, operator, action, item, legalBasis }) => [
      time,
      client,
      operator ?? '',
      action,
      item ?? '',
      legalBasis ?? '',
    ]),
  )
  narrator.good('这次查询本身也已留痕。', 'The search itself is filed too.')
}
