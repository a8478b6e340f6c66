import type { output } from 'zod'
import type { organisationData } from '../../access/onboarding-views.ts'
import { onboardingOperations } from '../../client/onboarding-operations.ts'
import { listAll } from './list-all.ts'
import { commandOf, type Shown, type Verb } from './verb.ts'

const add: Verb = {
  operands: ['ID'],
  options: ['name', 'uscc', 'parent'],
  lists: ['role'],
  run: async ({ operands: [organisationId = ''], need, text, list }, desk) => {
    const parentId = text('parent')
    const body = {
      organisationId,
      nameZh: need('name'),
      uscc: need('uscc'),
      roles: list('role'),
      ...(parentId === undefined ? {} : { parentId }),
    }
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.registerOrganisation, { body })
    return { data, lines: [lineOf(data)] }
  },
}

const list: Verb = {
  operands: [],
  run: async (_given, desk): Promise<Shown> => {
    const client = await desk.client()
    const rows = await listAll(async (cursor) => {
      const query = { limit: 200, cursor }
      const { data } = await client.call(onboardingOperations.listOrganisations, { query })
      return { rows: data.organisations, nextCursor: data.nextCursor }
    })
    return { data: rows, lines: rows.map(lineOf) }
  },
}

const lineOf = (row: output<typeof organisationData>): string =>
  `${row.organisationId}  ${row.uscc}  ${row.roles.join('')}  ${row.nameZh}`

export const orgCommand = commandOf({ add, list })
