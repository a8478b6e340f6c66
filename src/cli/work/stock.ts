import { z } from 'zod'
import type { LicenceType } from '../../catalogue/licence-type.ts'
import { parseCatalogue } from '../../catalogue/parse-catalogue.ts'
import { cityDateOf } from '../../contract/clock.ts'
import type { Batch, BatchErrors } from '../../client/operations.ts'
import { findingClasses } from '../../stock/rules/finding.ts'
import { type RuleCode, ruleTexts } from '../../stock/rules/rule-texts.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Desk } from '../registry/desk.ts'
import type { Given } from '../registry/given.ts'
import { commandOf, type Shown, type Verb } from '../registry/verb.ts'
import { batchShown } from './batch-shown.ts'
import { lintStock } from './lint-stock.ts'
import { type FilePlan, LineTooLong, planChunks } from './plan-chunks.ts'
import { createProgress } from './progress.ts'
import { pushStock, waitForBatch } from './push-stock.ts'
import { readJsonFile } from './read-json-file.ts'
import { departmentVerbs } from './stock-department.ts'

const push: Verb = {
  operands: ['FILE'],
  options: ['issuer', 'chunk-mb', 'resume'],
  run: async (given, desk) => {
    const path = desk.path(given.operands[0] ?? '')
    const issuerCode = given.need('issuer')
    const plan = await planOf(path, given)
    const progress = createProgress(desk.io)
    let batchId = given.text('resume')
    try {
      const batch = await pushStock({
        client: await desk.client(),
        path,
        plan,
        issuerCode,
        resume: batchId,
        onBatch: (opened) => {
          batchId = opened
          // Said at once, so that it is there after Ctrl-C and in the log of a job that was killed.
          desk.io.err(`批次 / batch ${opened}\n`)
        },
        onChunk: progress.show,
      })
      return batchShown(batch)
    } catch (error) {
      progress.end()
      if (batchId !== undefined) desk.io.err(`接着推送 / to go on: --resume ${batchId}\n`)
      throw error
    } finally {
      progress.end()
    }
  },
}

const planOf = async (path: string, given: Given): Promise<FilePlan> => {
  const megabytes = z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .safeParse(given.text('chunk-mb') ?? '16')
  if (!megabytes.success) throw new UsageError('--chunk-mb 1 … 50')
  const plan = await planChunks(path, megabytes.data * 1024 * 1024).catch((error: unknown) => {
    if (error instanceof LineTooLong)
      throw new CommandFailure(`一行超过分块大小 / a line is longer than a chunk: ${error.message}`)
    throw new CommandFailure(`读不了文件 / cannot read: ${path}`)
  })
  if (plan.rows === 0) throw new CommandFailure(`文件里没有证照 / no licences in the file: ${path}`)
  return plan
}

const lint: Verb = {
  operands: ['FILE'],
  options: ['issuer', 'catalogue', 'city-date', 'limit'],
  run: async (given, desk) => {
    const path = desk.path(given.operands[0] ?? '')
    const cityDate = given.text('city-date') ?? cityDateOf(desk.io.now())
    const found = await lintStock(path, {
      types: await typesOf(given, desk),
      issuerCode: given.need('issuer'),
      cityDate,
      linesMax: limitOf(given),
    })
    const lines = found.lines.flatMap(({ line, findings }) =>
      findings.map(({ class: kind, pointer, rule }) =>
        [String(line), kind, pointer, rule, lintText(rule)].join('  '),
      ),
    )
    const counts = Object.entries(found.counts).map(([name, count]) => `${name} ${String(count)}`)
    const head = `rows ${String(found.rows)}  loadable ${String(found.loadable)}  ${counts.join('  ')}`
    return { data: found, lines: [...lines, head], exitCode: found.loadable < found.rows ? 1 : 0 }
  },
}

const lintText = (rule: RuleCode): string =>
  `${ruleTexts[rule].titleZh};${ruleTexts[rule].adviceZh}`

/** The catalogue of a file, else that of the gateway. */
const typesOf = async (given: Given, desk: Desk): Promise<readonly LicenceType[]> => {
  const file = given.text('catalogue')
  if (file === undefined) return (await (await desk.client()).licenceTypes.list()).data
  return parseCatalogue(await readJsonFile(file, desk)).licenceTypes
}

const status: Verb = {
  operands: ['BATCH'],
  run: async ({ operands: [batchId = ''] }, desk) =>
    batchShown((await (await desk.client()).batches.get(batchId)).data),
}

const errors: Verb = {
  operands: ['BATCH'],
  options: ['class', 'limit'],
  run: async (given, desk) => {
    const [batchId = ''] = given.operands
    const wanted = limitOf(given)
    const { batches } = await desk.client()
    const items: BatchErrors['items'] = []
    let cursor: string | null = null
    do {
      const query = { ...classOf(given), limit: Math.min(200, wanted - items.length) }
      const { data } = await batches.listErrors(
        batchId,
        cursor === null ? query : { ...query, cursor },
      )
      items.push(...data.items)
      cursor = data.nextCursor
    } while (cursor !== null && items.length < wanted)
    return { data: { items, isComplete: cursor === null }, lines: items.map(errorLine) }
  },
}

const limitOf = (given: Given): number => {
  const limit = z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .safeParse(given.text('limit') ?? '100')
  if (!limit.success) throw new UsageError('--limit')
  return limit.data
}

const classOf = (given: Given) => {
  const wanted = given.text('class')
  const known = findingClasses.find((each) => each === wanted)
  if (wanted !== undefined && known === undefined)
    throw new UsageError(`--class ${findingClasses.join(' | ')}`)
  return known === undefined ? {} : { class: known }
}

const errorLine = (item: BatchErrors['items'][number]): string =>
  [
    `${String(item.chunk)}:${String(item.line)}`,
    item.class,
    item.pointer,
    item.rule,
    `${item.titleZh};${item.adviceZh}`,
  ].join('  ')

const release: Verb = {
  operands: ['BATCH'],
  options: ['root', 'rows'],
  run: async (given, desk) => {
    const [batchId = ''] = given.operands
    const rows = z.coerce.number().int().min(1).safeParse(given.need('rows'))
    if (!rows.success) throw new UsageError('--rows')
    const client = await desk.client()
    await client.batches.release(batchId, { root: given.need('root'), rows: rows.data })
    return ended(await waitForBatch(client, batchId, 'releasing'), 'released', desk)
  },
}

const rollback: Verb = {
  operands: ['BATCH'],
  run: async ({ operands: [batchId = ''] }, desk) => {
    const batch = (await (await desk.client()).batches.rollback(batchId)).data
    const shown = batchShown(batch)
    const ask =
      '已申请撤回,请另一人在 24 小时内执行同一命令 / asked: another person runs this again'
    return batch.state === 'rolled_back' ? shown : { ...shown, lines: [...shown.lines, ask] }
  },
}

const ended = (batch: Batch, wanted: Batch['state'], { io }: Desk): Shown => {
  const shown = batchShown(batch)
  if (batch.state === wanted) return shown
  for (const line of shown.lines) io.err(`${line}\n`)
  throw new CommandFailure(`批次没有放行 / not released: ${batch.failure ?? batch.state}`)
}

export const stockCommand = commandOf({
  lint,
  push,
  status,
  errors,
  release,
  rollback,
  ...departmentVerbs,
})
