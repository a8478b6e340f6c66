import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { operations } from '../../client/operations.ts'
import { cityDateOf } from '../../contract/clock.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Given } from '../registry/given.ts'
import type { Verb } from '../registry/verb.ts'
import { batchShown } from './batch-shown.ts'
import { waitForBatch } from './push-stock.ts'

const certificate: Verb = {
  operands: ['FILE'],
  options: ['issuer'],
  run: async (given, desk) => {
    const path = desk.path(given.operands[0] ?? '')
    const chain = await readFile(path, 'utf8').catch(() => {
      throw new CommandFailure(`读不了文件 / cannot read: ${path}`)
    })
    const body = { issuerCode: given.need('issuer'), chain }
    const { data } = await (await desk.client()).call(operations.addSigningCertificate, { body })
    return { data, lines: [`${data.certificateId}  ${data.alg}  ${data.notAfter}`] }
  },
}

const reasons = ['certificate_renewed', 'key_compromised'] as const

const resign: Verb = {
  operands: [],
  options: ['issuer', 'reason'],
  run: async (given, desk) => {
    const reason = reasons.find((each) => each === given.need('reason'))
    if (reason === undefined) throw new UsageError(`--reason ${reasons.join(' | ')}`)
    const client = await desk.client()
    const body = { issuerCode: given.need('issuer'), reason }
    const { batchId } = (await client.call(operations.resignStock, { body })).data
    await client.batches.validate(batchId)
    return batchShown(await waitForBatch(client, batchId, 'validating'))
  },
}

const declare: Verb = {
  operands: [],
  options: ['issuer', 'type', 'rows', 'as-of'],
  run: async (given, desk) => {
    const asOf = given.text('as-of') ?? cityDateOf(desk.io.now())
    const about = { issuerCode: given.need('issuer'), typeCode: given.need('type'), asOf }
    const body = { ...about, rows: rowsOf(given) }
    const { data } = await (await desk.client()).call(operations.declareStock, { body })
    return { data, lines: [`${data.typeCode}  ${String(data.rows)}  ${data.asOf}`] }
  },
}

const rowsOf = (given: Given): number => {
  const rows = z.coerce.number().int().min(0).safeParse(given.need('rows'))
  if (!rows.success) throw new UsageError('--rows')
  return rows.data
}

const progress: Verb = {
  operands: [],
  run: async (_given, desk) => {
    const { data } = await (await desk.client()).call(operations.listProgress)
    const lines = data.types.map(({ issuerCode, typeCode, declared, loaded, percent, asOf }) => {
      const share = percent === null ? '–' : `${String(percent)} %`
      return `${issuerCode}  ${typeCode}  ${String(loaded)} / ${String(declared)}  ${share}  ${asOf}`
    })
    return { data, lines }
  },
}

/** What stewards state about their department's stock as a whole. */
export const departmentVerbs: Readonly<Record<string, Verb>> = {
  certificate,
  're-sign': resign,
  declare,
  progress,
}
