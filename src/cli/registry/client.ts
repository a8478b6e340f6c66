import type { output } from 'zod'
import type { clientData } from '../../access/onboarding-views.ts'
import { onboardingOperations } from '../../client/onboarding-operations.ts'
import { listAll } from './list-all.ts'
import { commandOf, type Verb } from './verb.ts'

const add: Verb = {
  operands: ['ID'],
  options: ['kind', 'org', 'operator', 'operator-name'],
  lists: ['role'],
  run: async ({ operands: [clientId = ''], need, text, list }, desk) => {
    const operatorId = text('operator')
    const body = {
      clientId,
      kind: text('kind') ?? 'system',
      organisationId: need('org'),
      roles: list('role'),
      ...(operatorId === undefined
        ? {}
        : { operator: { operatorId, name: need('operator-name') } }),
    }
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.registerClient, { body })
    return { data, lines: [lineOf(data)] }
  },
}

const list: Verb = {
  operands: [],
  options: ['org'],
  run: async ({ text }, desk) => {
    const client = await desk.client()
    const rows = await listAll(async (cursor) => {
      const query = { limit: 200, cursor, organisation: text('org') }
      const { data } = await client.call(onboardingOperations.listClients, { query })
      return { rows: data.clients, nextCursor: data.nextCursor }
    })
    return { data: rows, lines: rows.map(lineOf) }
  },
}

/** The whole client with all its certificates; `cert revoke` ends one of them. */
const revoke: Verb = {
  operands: ['ID'],
  options: ['reason'],
  run: async ({ operands: [clientId = ''], need }, desk) => {
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.revokeClient, {
      params: { clientId },
      body: { reason: need('reason') },
    })
    const count = String(data.revoked.length)
    return { data, lines: [`${clientId}  已停用,吊销证书 ${count} 份 / suspended`] }
  },
}

const lineOf = (row: output<typeof clientData>): string => {
  const state = row.suspended ? '停用 / suspended' : '在用 / active'
  return `${row.clientId}  ${row.kind}  ${row.organisationId}  ${row.roles.join('')}  ${state}`
}

export const clientCommand = commandOf({ add, list, revoke })
