import type { Check, Fetch } from '../../client/operations.ts'
import { caseRegistrationSchema } from '../../cases/case-file.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Desk } from '../registry/desk.ts'
import type { Given } from '../registry/given.ts'
import { commandOf, type Verb } from '../registry/verb.ts'
import { readJsonFile } from './read-json-file.ts'
import { answerWriter } from './write-answer.ts'

const open: Verb = {
  operands: ['FILE'],
  run: async ({ operands: [file = ''] }, desk) => {
    const registration = caseRegistrationSchema.safeParse(await readJsonFile(file, desk))
    if (!registration.success) {
      const [issue] = registration.error.issues
      const place = issue?.path.map((step) => `/${String(step)}`).join('') ?? ''
      throw new CommandFailure(`${file} ${place}: ${issue?.message ?? ''}`)
    }
    const client = await desk.client()
    const { data, status } = await client.cases.register(registration.data)
    const before = status === 200 ? '(此前已登记 / registered before)' : ''
    return { data, lines: [`${data.caseId} ${data.assurance} ${data.expiresAt} ${before}`.trim()] }
  },
}

const show: Verb = {
  operands: ['CASE'],
  run: async ({ operands: [caseId = ''] }, desk) => {
    const { data } = await (await desk.client()).cases.get(caseId)
    const { caseNo, itemCode, itemVersion, state, assurance, expiresAt } = data
    const version = String(itemVersion)
    return {
      data,
      lines: [`${caseNo} ${itemCode} v${version} ${assurance} ${state} ${expiresAt}`],
    }
  },
}

const check: Verb = {
  operands: ['CASE'],
  options: ['operator'],
  lists: ['material'],
  run: async (given, desk) => {
    const [caseId = ''] = given.operands
    const materials = given.list('material')
    const { data, receipt } = await (
      await desk.client()
    ).cases.check(caseId, materials.length === 0 ? {} : { materials }, operatorOf(given, desk))
    return { data: { ...data, receipt }, lines: data.materials.map(checkLine) }
  },
}

const checkLine = ({ code, state, messageZh }: Check['materials'][number]): string =>
  `${code}  ${state.padEnd(13)}  ${messageZh}`

const fetch: Verb = {
  operands: ['CASE'],
  options: ['operator', 'out'],
  lists: ['material'],
  run: async (given, desk) => {
    const [caseId = ''] = given.operands
    const materials = given.list('material').map((code) => ({ code }))
    if (materials.length === 0) throw new UsageError('缺少 / missing: --material')
    const out = given.text('out')
    const write = await answerWriter(out === undefined ? undefined : desk.path(out))
    const client = await desk.client()
    const fetched = await client.cases.fetch(caseId, { materials }, operatorOf(given, desk))
    await write(fetched.receiptFile)
    const { data, receipt } = fetched
    return { data: { ...data, receipt }, lines: data.materials.map(fetchLine) }
  },
}

/** Field names only: contents belong into the file, not onto a screen or into a terminal's log. */
const fetchLine = ({ code, state, messageZh, licence }: Fetch['materials'][number]): string =>
  `${code}  ${state.padEnd(13)}  ${licence === undefined ? messageZh : Object.keys(licence.fields).join(' ')}`

const close: Verb = {
  operands: ['CASE'],
  options: ['outcome'],
  run: async ({ operands: [caseId = ''], need }, desk) => {
    const wanted = need('outcome')
    const outcome = outcomes.find((known) => known === wanted)
    if (outcome === undefined) throw new UsageError(`--outcome ${outcomes.join(' | ')}`)
    const { data } = await (await desk.client()).cases.close(caseId, { outcome })
    return { data, lines: [`${data.caseId} ${data.state} ${data.outcome ?? ''}`] }
  },
}

const outcomes = ['approved', 'refused', 'withdrawn', 'other'] as const

const operatorOf = (given: Given, { io }: Desk) => {
  const operatorId = given.text('operator') ?? io.env['ZHENGQIAO_OPERATOR']
  if (operatorId === undefined) return {}
  // It travels in a header.
  if (!/^[\x21-\x7e]+$/.test(operatorId)) throw new UsageError('--operator')
  return { operatorId }
}

export const caseCommand = commandOf({ open, show, check, fetch, close })
