import { z } from 'zod'
import { serviceCalendarSchema } from './service-calendar.ts'

/** How much one hall is asked at once, and when it counts as slow. */
const limits = z.strictObject({
  maxInFlight: z.number().int().min(1).max(1_000).default(32),
  maxQueued: z.number().int().min(0).max(10_000).default(1_024),
  /** One call; the deadline of the set may end it earlier. */
  callMs: z.number().int().min(100).max(8_000).default(8_000),
  slowMs: z.number().int().min(1).default(3_000),
})

/** One configuration row: a hall is data, a department is code. */
export const hallSpecSchema = z.strictObject({
  hallId: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  nameZh: z.string().min(1).max(60),
  /** Name of the adapter: `social-security`, `police`, `land`, `housing-fund`. */
  department: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  organisationId: z.string().min(1),
  settings: z.record(z.string(), z.json()),
  calendar: serviceCalendarSchema.prefault({}),
  limits: limits.prefault({}),
})
export type HallSpec = z.output<typeof hallSpecSchema>
