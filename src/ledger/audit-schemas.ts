import { z } from 'zod'
import { isUuid } from '../contract/uuid.ts'

const paging = {
  limit: z
    .string()
    .regex(/^([1-9]|[1-9]\d|1\d\d|200)$/)
    .transform(Number)
    .default(20),
  cursor: z.string().max(400).exactOptional(),
}

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const uuid = z.string().refine(isUuid)
const id = z.string().regex(/^[\w.:-]{1,128}$/)

/** What an auditor asks: at least one filter, and always why. */
export const eventQuery = z
  .strictObject({
    licence: uuid.exactOptional(),
    case: uuid.exactOptional(),
    client: id.exactOptional(),
    operator: id.exactOptional(),
    decision: z.enum(['allowed', 'denied', 'partial']).exactOptional(),
    from: instant.exactOptional(),
    to: instant.exactOptional(),
    reason: z
      .string()
      .trim()
      .min(2)
      .max(200)
      .regex(/^\P{Cc}*$/u),
    ...paging,
  })
  .refine(
    (query) =>
      [query.licence, query.case, query.client, query.operator, query.from].some(
        (filter) => filter !== undefined,
      ),
    { path: ['licence'], message: '至少给出 licence、case、client、operator、from 之一' },
  )

export const checkpointQuery = z.strictObject({
  origin: z.string().min(1).max(255).exactOptional(),
  ...paging,
})

export const eventsData = z.object({
  events: z.array(
    z.object({
      no: z.string(),
      origin: z.string(),
      index: z.int(),
      event: z.record(z.string(), z.json()),
    }),
  ),
  nextCursor: z.string().exactOptional(),
})

/** The whole receipt, or for the hotline only what became of the exchange. */
export const receiptData = z.union([
  z.object({ no: z.string(), event: z.string(), salt: z.string(), proof: z.string() }),
  z.object({ no: z.string(), at: z.string(), action: z.string(), decision: z.string() }),
])

export const checkpointsData = z.object({
  checkpoints: z.array(
    z.object({
      origin: z.string(),
      size: z.int(),
      note: z.string(),
      createdAt: z.string(),
    }),
  ),
  nextCursor: z.string().exactOptional(),
})
