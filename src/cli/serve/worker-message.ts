import { z } from 'zod'
import { questions } from '../../wiring/siblings.ts'

/** What a worker tells the first process. */
export const fromWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), url: z.string() }),
  z.object({ kind: z.literal('ask'), id: z.int(), question: z.enum(questions) }),
  z.object({ kind: z.literal('answer'), id: z.int(), answer: z.unknown() }),
])
export type FromWorker = z.output<typeof fromWorkerSchema>

/** What the first process tells a worker. */
export const toWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stop') }),
  z.object({ kind: z.literal('question'), id: z.int(), question: z.enum(questions) }),
  z.object({ kind: z.literal('answers'), id: z.int(), answers: z.array(z.unknown()) }),
])
export type ToWorker = z.output<typeof toWorkerSchema>
