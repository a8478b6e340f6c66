import type { output } from 'zod'
import type { operatorData } from '../../access/onboarding-views.ts'
import { onboardingOperations } from '../../client/onboarding-operations.ts'
import { listAll } from './list-all.ts'
import { commandOf, type Verb } from './verb.ts'

const add: Verb = {
  operands: ['ID'],
  options: ['client', 'name', 'window'],
  run: async ({ operands: [operatorId = ''], need, text }, desk) => {
    const window = text('window')
    const body = {
      operatorId,
      clientId: need('client'),
      name: need('name'),
      ...(window === undefined ? {} : { window }),
    }
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.registerOperator, { body })
    return { data, lines: [lineOf(data)] }
  },
}

const list: Verb = {
  operands: [],
  options: ['client'],
  run: async ({ text }, desk) => {
    const client = await desk.client()
    const rows = await listAll(async (cursor) => {
      const query = { limit: 200, cursor, client: text('client') }
      const { data } = await client.call(onboardingOperations.listOperators, { query })
      return { rows: data.operators, nextCursor: data.nextCursor }
    })
    return { data: rows, lines: rows.map(lineOf) }
  },
}

const changeBy = (operation: typeof onboardingOperations.suspendOperator): Verb => ({
  operands: ['ID'],
  options: ['reason'],
  run: async ({ operands: [operatorId = ''], need }, desk) => {
    const client = await desk.client()
    const body = { reason: need('reason') }
    const { data } = await client.call(operation, { params: { operatorId }, body })
    return { data, lines: [lineOf(data)] }
  },
})

const lineOf = (row: output<typeof operatorData>): string => {
  const state = row.suspended ? '停用 / suspended' : '在用 / active'
  return `${row.operatorId}  ${row.clientId ?? '-'}  ${row.window ?? '-'}  ${state}`
}

export const operatorCommand = commandOf({
  add,
  list,
  revoke: changeBy(onboardingOperations.suspendOperator),
  resume: changeBy(onboardingOperations.resumeOperator),
})
