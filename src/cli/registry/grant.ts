import type { output } from 'zod'
import type { grantData } from '../../access/onboarding-views.ts'
import { onboardingOperations } from '../../client/onboarding-operations.ts'
import { UsageError } from '../command-error.ts'
import { listAll } from './list-all.ts'
import type { Given } from './given.ts'
import { commandOf, type Verb } from './verb.ts'

const add: Verb = {
  operands: [],
  options: ['client', 'type', 'item', 'item-version', 'legal-basis'],
  lists: ['field'],
  run: async (given, desk) => {
    const client = await desk.client()
    const body = bodyOf(given)
    const { data } = await client.call(onboardingOperations.proposeGrant, { body })
    return { data, lines: [lineOf(data)] }
  },
}

const bodyOf = ({ need, text, list }: Given): object => {
  const fields = list('field')
  const version = text('item-version')
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    throw new UsageError('--item-version')
  return {
    clientId: need('client'),
    typeCode: need('type'),
    itemCode: need('item'),
    legalBasis: need('legal-basis'),
    ...(version === undefined ? {} : { itemVersion: Number(version) }),
    ...(fields.length === 0 ? {} : { fields }),
  }
}

const list: Verb = {
  operands: [],
  options: ['client'],
  run: async ({ text }, desk) => {
    const client = await desk.client()
    const rows = await listAll(async (cursor) => {
      const query = { limit: 200, cursor, client: text('client') }
      const { data } = await client.call(onboardingOperations.listGrants, { query })
      return { rows: data.grants, nextCursor: data.nextCursor }
    })
    return { data: rows, lines: rows.map(lineOf) }
  },
}

const approve: Verb = {
  operands: ['GRANT'],
  run: async ({ operands: [grantId = ''] }, desk) => {
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.approveGrant, { params: { grantId } })
    return { data, lines: [lineOf(data)] }
  },
}

const revoke: Verb = {
  operands: ['GRANT'],
  options: ['reason'],
  run: async ({ operands: [grantId = ''], need }, desk) => {
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.revokeGrant, {
      params: { grantId },
      body: { reason: need('reason') },
    })
    return { data, lines: [lineOf(data)] }
  },
}

const lineOf = (row: output<typeof grantData>): string =>
  `${row.grantId}  ${row.status.padEnd(8)}  ${row.clientId}  ${row.itemCode}  ${row.typeCode}`

export const grantCommand = commandOf({ add, list, approve, revoke })
