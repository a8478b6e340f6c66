import { z } from 'zod'

const verdict = z.enum(['accept', 'reject'])
const head = { id: z.union([z.string(), z.number()]), expected: verdict }

/** What a case process tells: a case begins, a case is judged, all are. */
export const caseMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begins'), ...head }),
  z.object({
    kind: z.literal('judged'),
    result: z.object({ ...head, got: z.enum(['accept', 'reject', 'none']), cpuMs: z.number() }),
  }),
  z.object({ kind: z.literal('done') }),
])

export type CaseMessage = z.output<typeof caseMessage>
