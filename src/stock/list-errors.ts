import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import type { Answer, Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { findBatch, type StockDb } from './batch-store.ts'
import { type FindingPlace, listFindings, type PlacedFinding } from './finding-store.ts'
import { type FindDepartment, getOwnBatch } from './get-own-batch.ts'
import { findingClasses } from './rules/finding.ts'
import { ruleTexts } from './rules/rule-texts.ts'

export const errorsQuery = z.strictObject({
  class: z.enum(findingClasses).exactOptional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  cursor: z.string().max(100).exactOptional(),
})

export const errorsData = z.object({
  items: z.array(
    z.object({
      chunk: z.int(),
      line: z.int(),
      class: z.enum(findingClasses),
      rule: z.string(),
      pointer: z.string(),
      titleZh: z.string(),
      adviceZh: z.string(),
      given: z.json().exactOptional(),
      corrected: z.json().exactOptional(),
      other: z.object({ chunk: z.int(), line: z.int() }).exactOptional(),
    }),
  ),
  nextCursor: z.string().nullable(),
})

export type ListErrorsDeps = {
  readonly findDepartment: FindDepartment
  readonly keys: Pick<DataKeys, 'open'>
}

/**
 * What was found in the rows of a batch, in order of chunk and line.
 * @throws GatewayError batch_not_found, bad_cursor
 */
export const listErrors = async (
  deps: ListErrorsDeps,
  db: StockDb,
  caller: Caller,
  { batchId, ...query }: z.output<typeof errorsQuery> & { readonly batchId: string },
): Promise<Answer> => {
  const batch = await getOwnBatch(deps, caller, batchId, (id) => findBatch(db, id))
  const found = await listFindings(db, deps.keys, batch.batchId, {
    class: query.class,
    after: placeOf(query.cursor),
    limit: query.limit + 1,
  })
  const items = found.slice(0, query.limit)
  const last = items.at(-1)
  return {
    status: 200,
    data: {
      items: items.map(errorView),
      nextCursor: found.length > items.length && last !== undefined ? cursorOf(last) : null,
    },
    deed: {
      action: 'batch.errors',
      decision: 'allowed',
      detail: { batchId: batch.batchId, count: items.length },
    },
  }
}

/** One finding in the words of the API. */
export const errorView = ({ chunk, line, finding }: PlacedFinding): Json => {
  const { class: kind, rule, pointer, other, ...values } = finding
  return {
    chunk,
    line,
    class: kind,
    rule,
    pointer,
    titleZh: ruleTexts[rule].titleZh,
    adviceZh: ruleTexts[rule].adviceZh,
    ...values,
    ...(other === undefined ? {} : { other: { ...other } }),
  }
}

const cursorOf = ({ chunk, line, position }: FindingPlace): string =>
  Buffer.from([chunk, line, position].join('.')).toString('base64url')

export const startPlace: FindingPlace = { chunk: 0, line: 0, position: 0 }

const placeOf = (cursor: string | undefined): FindingPlace => {
  if (cursor === undefined) return startPlace
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, chunk, line, position] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text) ?? []
  if (chunk === undefined || line === undefined || position === undefined) {
    throw new GatewayError('bad_cursor')
  }
  return { chunk: Number(chunk), line: Number(line), position: Number(position) }
}
