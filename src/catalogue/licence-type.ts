import { z } from 'zod'

const surfaceField = z.strictObject({
  key: z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  nameZh: z.string().min(1).max(60),
  type: z.enum(['string', 'code', 'date', 'enum', 'number', 'address']),
  maxLength: z.int().min(1).max(4000),
  required: z.boolean(),
  sensitive: z.boolean(),
  values: z.array(z.string().min(1)).min(1).exactOptional(),
  sample: z.union([z.string(), z.number()]).exactOptional(),
})

/** One licence type (证照类型) of the catalogue, as it is imported and stored. */
export const licenceTypeSchema = z.strictObject({
  shortCode: z.string().regex(/^[A-Z]{2,4}-[A-Z]{2,6}$/),
  typeCode: z.string().regex(/^[0-9A-Z]{21}$/),
  nationalCode: z
    .string()
    .regex(/^[0-9A-Z]{21}$/)
    .nullable(),
  nameZh: z.string().min(1).max(100),
  nameEn: z.string().max(200),
  hall: z.string().nullable(),
  issuer: z.strictObject({ code: z.string().regex(/^[0-9A-Z]{18}$/), name: z.string().min(1) }),
  /** 0 person, 1 organisation, 2 both. */
  holderKind: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** 1 证明文件, 2 批文批复, 3 鉴定报告, 4 其他. */
  kind: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  sharing: z.strictObject({
    class: z.enum(['unconditional', 'conditional', 'none']),
    statute: z.string().min(1),
  }),
  singleInstance: z.boolean(),
  validityYears: z.int().min(1).nullable(),
  trustLevel: z.enum(['A', 'B', 'C', 'D']),
  version: z.int().min(1),
  /** 0 unpublished, 2 published, 3 withdrawn. */
  status: z.union([z.literal(0), z.literal(2), z.literal(3)]),
  /** Content of a case below this assurance is refused. */
  minAssurance: z.enum(['registered', 'present']).default('registered'),
  /** Days after which a status must be asked for again; null = no limit. */
  maxStatusAgeDays: z.int().min(0).nullable().default(null),
  /** Days up to which an older copy may still be offered, said to be old, while its hall is away. */
  maxOfferAgeDays: z.int().min(0).nullable().default(null),
  fields: z.array(surfaceField).min(1).max(100),
})

export type LicenceType = z.output<typeof licenceTypeSchema>
export type SurfaceField = LicenceType['fields'][number]
