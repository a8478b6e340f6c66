import { z } from 'zod'
import type { Facts, ServiceItem } from '../catalogue/service-item.ts'
import type { CaseId, ClientId, OperatorId } from '../contract/ids.ts'

const idType = z.string().regex(/^[0-9]{3}$/)
const personalText = (max: number) => z.string().trim().min(1).max(max)

/** A person or organisation by holder code type (domain.md), code and name. */
export const subjectSchema = z.strictObject({
  idType,
  id: personalText(40),
  name: personalText(200),
})

const role = z.string().regex(/^[a-z_]{1,40}$/)

export const caseRegistrationSchema = z.strictObject({
  caseNo: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/),
  itemCode: z.string().regex(/^[0-9A-Z-]{1,40}$/),
  channel: z.enum(['hall', 'web', 'mobile', 'kiosk']),
  division: z
    .string()
    .regex(/^[0-9]{6}$/)
    .exactOptional(),
  subject: subjectSchema,
  relatedSubjects: z
    .array(z.strictObject({ role, ...subjectSchema.shape }))
    .max(50)
    .default([]),
  facts: z.record(z.string().max(40), z.union([z.string().max(40), z.boolean()])).default({}),
  operator: z.strictObject({
    id: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/),
    name: personalText(50),
    window: z.string().max(20).exactOptional(),
  }),
  consents: z
    .array(z.strictObject({ role, evidenceNo: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/) }))
    .max(50)
    .default([]),
  legalBasis: z.string().max(500).exactOptional(),
  mandateId: z.string().max(64).exactOptional(),
})

export type CaseRegistration = z.output<typeof caseRegistrationSchema>
export type Subject = z.output<typeof subjectSchema>
export type RelatedSubject = CaseRegistration['relatedSubjects'][number]

/** How far the purpose is proved: see "Case assurance" in the API reference. */
export type Assurance = 'registered' | 'present' | 'asserted'

/** A case (办件) with its personal part opened. */
export type CaseFile = {
  readonly caseId: CaseId
  readonly caseNo: string
  readonly registrarId: ClientId
  /** The one system that may check and fetch under the case. */
  readonly clientId: ClientId
  readonly itemCode: string
  readonly itemVersion: number
  readonly channel: string
  readonly division: string | null
  readonly assurance: Assurance
  readonly state: 'open' | 'closed'
  readonly outcome: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly closedAt: Date | null
  readonly subjectIndex: Uint8Array
  readonly people: CasePeople
}

/** What stands encrypted in the database. */
export type CasePeople = {
  readonly subject: Subject
  readonly relatedSubjects: readonly RelatedSubject[]
  readonly facts: Facts
  readonly consents: readonly { readonly role: string; readonly evidenceNo: string }[]
  readonly operatorId: OperatorId
  readonly operatorName: string
}

export type CaseWithItem = { readonly file: CaseFile; readonly item: ServiceItem }

export const caseValidForDays = 90
