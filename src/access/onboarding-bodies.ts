import { z } from 'zod'
import { roles } from '../contract/caller.ts'
import { operatorIdPattern } from './operator.ts'

export const idText = z
  .string()
  .regex(operatorIdPattern, '编号须为字母、数字、点、横线,不超过 64 个字符')
export const roleList = z.array(z.enum(roles)).min(1).max(roles.length)
export const reasonText = z.string().min(1).max(200)
const nameText = z.string().min(1).max(100)

export const organisationBody = z.strictObject({
  organisationId: idText,
  nameZh: nameText,
  uscc: z.string().regex(/^[0-9A-HJ-NP-RTUWXY]{18}$/, '统一社会信用代码须为 18 位'),
  parentId: idText.exactOptional(),
  roles: roleList,
})
export const clientBody = z.strictObject({
  clientId: idText,
  kind: z.enum(['system', 'person']),
  organisationId: idText,
  roles: roleList,
  /** Whose key it is, for persons. */
  operator: z.strictObject({ operatorId: idText, name: nameText }).exactOptional(),
})
export const operatorBody = z.strictObject({
  operatorId: idText,
  clientId: idText,
  name: nameText,
  window: z.string().min(1).max(20).exactOptional(),
})
export const certificateBody = z.strictObject({
  /** PKCS #10 request, PEM; the key never leaves the client. */
  csr: z.string().min(1).max(8000),
  validForDays: z.int().min(1).max(825).default(365),
})
export const revokeBody = z.strictObject({
  /** Without it: every certificate, and the client is suspended. */
  certificateId: z.string().length(43).exactOptional(),
  reason: reasonText,
})
export const reasonBody = z.strictObject({ reason: reasonText })
export const grantBody = z.strictObject({
  clientId: idText,
  typeCode: z.string().regex(/^[0-9A-Z]{21}$/),
  itemCode: z.string().regex(/^[0-9A-Z-]{1,40}$/),
  itemVersion: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .exactOptional(),
  fields: z.array(z.string().min(1).max(40)).min(1).max(100).exactOptional(),
  legalBasis: z.string().min(1).max(400),
})

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(20),
  cursor: z.string().max(500).optional(),
}
export const pageQuery = z.strictObject(page)
export const clientsQuery = z.strictObject({ ...page, organisation: idText.optional() })
export const ofClientQuery = z.strictObject({ ...page, client: idText.optional() })
