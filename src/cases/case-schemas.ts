import { z } from 'zod'
import { materialStates, nextSteps } from './material-state.ts'

/** Schemas of what the clerk's room answers, for the OpenAPI document and the client's types. */
export const caseData = z.object({
  caseId: z.uuid(),
  caseNo: z.string(),
  itemCode: z.string(),
  itemVersion: z.int(),
  assurance: z.enum(['registered', 'present', 'asserted']),
  state: z.enum(['open', 'closed']),
  outcome: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  closedAt: z.string().nullable(),
  allowedTypes: z.array(z.string()).exactOptional(),
})

const materialLine = {
  code: z.string(),
  state: z.enum(materialStates),
  reason: z.string(),
  messageZh: z.string(),
  next: z.enum(nextSteps),
  /** The hall behind the material, where it has a part in its state. */
  hall: z.string().exactOptional(),
  since: z.string().exactOptional(),
  retryAt: z.string().exactOptional(),
  /** An older copy that is offered while its hall is away, and the rule that permits it. */
  asOf: z.string().exactOptional(),
  sourceState: z.string().exactOptional(),
  rule: z.string().exactOptional(),
}

export const checkData = z.object({
  checkId: z.uuid(),
  complete: z.boolean(),
  materials: z.array(
    z.object({
      ...materialLine,
      nameZh: z.string(),
      required: z.boolean(),
      sourceHall: z.string().nullable(),
      validTo: z.string().nullable(),
      trustLevel: z.enum(['A', 'B', 'C', 'D']).nullable(),
      reusableFrom: z.string().nullable(),
      forDepartments: z.array(z.string()),
    }),
  ),
})

const content = {
  licenceId: z.uuid(),
  version: z.string(),
  sdJwt: z.string(),
  fields: z.record(z.string(), z.json()),
  status: z.string(),
  statusAsOf: z.string(),
  statusSource: z.string(),
  attestedBy: z.enum(['department', 'gateway']),
  keyCustody: z.enum(['department', 'gateway']),
}

export const fetchData = z.object({
  fetchId: z.uuid(),
  complete: z.boolean(),
  materials: z.array(
    z.object({
      ...materialLine,
      licence: z.object(content).exactOptional(),
      candidates: z
        .array(z.object({ licenceId: z.uuid(), numberTail: z.string(), issuedAt: z.string() }))
        .exactOptional(),
    }),
  ),
})

/** A fetch as it is kept: content of the stock as a reference, content of elsewhere in full. */
export const fetchRecord = z.object({
  ...fetchData.shape,
  materials: z.array(
    z.object({
      ...fetchData.shape.materials.element.shape,
      /** Tickets whose answers complete the material. */
      tickets: z.array(z.uuid()).exactOptional(),
      licence: z
        .union([
          z.object(content),
          z.object({ ...content, sdJwt: z.undefined().optional(), fields: z.array(z.string()) }),
        ])
        .exactOptional(),
    }),
  ),
})

export const licenceData = z.object({
  ...content,
  sdJwt: content.sdJwt.exactOptional(),
  fields: content.fields.exactOptional(),
  attestedBy: content.attestedBy.exactOptional(),
  keyCustody: content.keyCustody.exactOptional(),
  material: z.string(),
  state: z.enum(materialStates),
  reason: z.string(),
})

export const searchData = z.object({
  licences: z.array(
    z.object({
      licenceId: z.uuid(),
      material: z.string(),
      state: z.enum(materialStates),
      issuedAt: z.string(),
      validTo: z.string().nullable(),
      trustLevel: z.enum(['A', 'B', 'C', 'D']),
    }),
  ),
})
