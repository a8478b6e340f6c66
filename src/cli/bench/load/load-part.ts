import { z } from 'zod'
import { ownCpuUs, type RunPart, serveParent } from '../part.ts'
import { createPreparer, requestSchema } from './prepare-requests.ts'
import { runLoad } from './raw-http.ts'

const questions = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('prepare'),
    publicUrl: z.string(),
    clientsDir: z.string(),
    requests: z.array(requestSchema),
  }),
  z.object({
    ask: z.literal('run'),
    port: z.int(),
    connections: z.int(),
    keepBodies: z.boolean(),
  }),
])

export const preparedSchema = z.object({ requests: z.int() })

export const loadReportSchema = z.object({
  operations: z.int(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  statuses: z.record(z.string(), z.int()),
  bytesReceived: z.int(),
  bodies: z.array(z.string()),
  cpuUs: z.number(),
})
export type LoadReply = z.output<typeof loadReportSchema>

/** The load generator's process: signs a round's requests when told to, and sends them when told to. */
export const loadPart: RunPart = ({ now, randomBytes }) => {
  let prepared: Buffer[] = []
  return serveParent(async (request) => {
    const question = questions.parse(request)
    if (question.ask === 'prepare') {
      const prepare = createPreparer({ ...question, now, randomBytes })
      prepared = await prepare(question.requests)
      return { requests: prepared.length }
    }
    const before = ownCpuUs()
    const report = await runLoad({ ...question, requests: prepared })
    return { ...report, cpuUs: Math.round(ownCpuUs() - before) }
  })
}
