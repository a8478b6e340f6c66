import { z } from 'zod'
import type { CollectOutcome } from './collect-licence.ts'
import { failureKinds } from './hall-contract.ts'
import type { HallQuestion } from './hall-tickets.ts'
import { licenceStatuses, storedStatuses } from '../licences/licence.ts'

// What stands encrypted in a ticket is read back through these, as anything that comes from outside.

export const hallHolderSchema = z.strictObject({
  idType: z.string(),
  id: z.string(),
  name: z.string(),
})

const question = z.strictObject({
  hallId: z.string(),
  typeCode: z.string(),
  holder: hallHolderSchema,
  materialCode: z.string(),
  callerId: z.string(),
  caseId: z.string(),
  caseNo: z.string(),
  itemCode: z.string(),
  operator: z.strictObject({
    id: z.string(),
    name: z.string(),
    organisationCode: z.string(),
    window: z.string().exactOptional(),
    idNumber: z.string().exactOptional(),
  }),
})
const stored = z.strictObject({ question, hallTicket: z.string().nullable() })

const summary = z.strictObject({
  candidateId: z.string(),
  numberTail: z.string(),
  version: z.string(),
  issuedAt: z.string(),
  validTo: z.string().nullable(),
  status: z.enum(licenceStatuses),
})
const orUndefined = z
  .string()
  .nullable()
  .transform((value) => value ?? undefined)
const licence = z.strictObject({
  typeCode: z.string(),
  identifier: orUndefined,
  number: z.string(),
  version: z.string(),
  holders: z.array(hallHolderSchema),
  issuer: z.strictObject({ code: z.string(), name: z.string() }),
  issuedAt: z.string(),
  validFrom: z.string(),
  validTo: z.string().nullable(),
  status: z.enum(storedStatuses),
  sourceStatus: z.string(),
  areaCode: orUndefined,
  fields: z.record(z.string(), z.union([z.string(), z.number()])),
  asOf: z.string(),
  rawDigest: z.string(),
})
const outcome = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('collected'), candidateId: z.string(), licence }),
  z.strictObject({ state: z.literal('withheld'), candidate: summary }),
  z.strictObject({ state: z.literal('ambiguous'), candidates: z.array(summary) }),
  z.strictObject({
    state: z.literal('none'),
    because: z.enum(['absent', 'name_differs', 'name_unreadable']),
  }),
  z.strictObject({
    state: z.literal('failed'),
    kind: z.enum(failureKinds),
    cause: z.string(),
    reason: z
      .enum([
        'sealed',
        'not_permitted',
        'operator_unknown',
        'type_not_offered',
        'parameters',
        'expired',
      ])
      .exactOptional(),
  }),
])

export type StoredQuestion = {
  readonly question: HallQuestion
  readonly hallTicket: string | undefined
}

export const encodeQuestion = ({ question: asked, hallTicket }: StoredQuestion): Buffer =>
  Buffer.from(JSON.stringify({ question: asked, hallTicket: hallTicket ?? null }))

export const decodeQuestion = (bytes: Buffer): StoredQuestion => {
  const read = stored.parse(JSON.parse(bytes.toString('utf8')))
  return { question: read.question, hallTicket: read.hallTicket ?? undefined }
}

/** Outcomes that end a ticket; dates of a failure are of the moment and are not kept. */
export const encodeOutcome = (value: CollectOutcome): Buffer => {
  if (value.state === 'pending' || value.state === 'not_connected')
    throw new TypeError('such an outcome ends no ticket')
  const plain = value.state === 'failed' ? failureOf(value) : value
  return Buffer.from(JSON.stringify(plain, (_, member: unknown) => member ?? null))
}

const failureOf = ({ kind, cause, reason }: Extract<CollectOutcome, { state: 'failed' }>) => ({
  state: 'failed',
  kind,
  cause,
  ...(reason === undefined ? {} : { reason }),
})

export const decodeOutcome = (bytes: Buffer): CollectOutcome =>
  outcome.parse(JSON.parse(bytes.toString('utf8')))
