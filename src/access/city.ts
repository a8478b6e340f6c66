import { z } from 'zod'
import { roles } from '../contract/caller.ts'
import { operatorIdPattern } from './operator.ts'

const id = z.string().regex(operatorIdPattern)
const name = z.string().min(1).max(100)
const rolesOf = z.array(z.enum(roles))

/**
 * The part of a city file (`zhengqiao init --city FILE`) that says who takes part. Other members of the
 * file belong to other readers.
 */
export const accessCitySchema = z.object({
  organisations: z.array(
    z.object({
      id,
      nameZh: name,
      uscc: z.string().length(18),
      roles: rolesOf,
      parent: id.optional(),
      connected: z.boolean().default(true),
    }),
  ),
  clients: z.array(
    z.object({
      id,
      kind: z.enum(['system', 'person']),
      organisation: id,
      roles: rolesOf.min(1),
      operator: id.optional(),
    }),
  ),
  operators: z
    .array(
      z.object({
        id,
        client: id,
        organisation: id,
        name,
        window: z.string().max(20).optional(),
        suspended: z.boolean().default(false),
      }),
    )
    .default([]),
  /** Names of the people behind personal keys. */
  stewards: z.array(z.object({ id, organisation: id, name })).default([]),
  grants: z
    .array(
      z.object({
        client: id,
        item: z.string().min(1).max(40),
        types: z.array(z.string().min(1).max(40)).min(1),
        legalBasis: z.string().min(1).max(400),
      }),
    )
    .default([]),
})

export type AccessCity = z.output<typeof accessCitySchema>
