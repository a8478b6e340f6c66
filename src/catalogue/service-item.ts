import { z } from 'zod'

const factValue = z.union([z.string().min(1).max(40), z.boolean()])

const material = z.strictObject({
  code: z.string().regex(/^[0-9A-Z-]{1,40}$/),
  nameZh: z.string().min(1).max(100),
  /** `gov:<organisation>` or `self`; the lint refuses a material without one. */
  source: z.string().max(60).nullable().default(null),
  shortCode: z.string().nullable(),
  typeCode: z
    .string()
    .regex(/^[0-9A-Z]{21}$/)
    .nullable(),
  required: z.boolean(),
  /** Facts of the case that must all hold for the material to be needed. */
  condition: z.record(z.string(), factValue).nullable(),
  /** Whose paper it is: `applicant` or the role of a related subject. */
  role: z.string().regex(/^[a-z_]{1,40}$/),
  /** The least that the material discloses. */
  fields: z.array(z.string()).max(100),
  /** Why the applicant must bring it, in Chinese, when the city cannot. */
  why: z.string().max(200).nullable(),
  /** True when a commitment (告知承诺) may stand in for it. */
  commitment: z.boolean().default(false),
  forDepartments: z.array(z.string().min(1)).max(20),
})

/** One service item or chain (事项, 一链办理) as imported and stored. */
export const serviceItemSchema = z.strictObject({
  code: z.string().regex(/^[0-9A-Z-]{1,40}$/),
  /** 实施编码 of GB/T 39554.1, where the item has one. */
  implementationCode: z.string().max(40).nullable().default(null),
  nameZh: z.string().min(1).max(100),
  chain: z.boolean(),
  subjectKind: z.enum(['person', 'organisation']),
  lead: z.string().nullable(),
  links: z.array(z.string()).max(30),
  departments: z.array(z.string()).max(30),
  facts: z.record(z.string(), z.array(factValue).min(1)),
  legalBasis: z.string().min(1).max(500),
  promisedDays: z.int().min(0).max(365),
  version: z.int().min(1),
  materials: z.array(material).min(1).max(200),
})

export type ServiceItem = z.output<typeof serviceItemSchema>
export type Material = ServiceItem['materials'][number]
export type Facts = Readonly<Record<string, string | boolean>>
