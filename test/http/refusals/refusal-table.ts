import { type ErrorCode } from '../../../src/contract/error.ts'
import { errorTable } from '../../../src/contract/error-table.ts'
import type { Endpoint } from '../../../src/contract/endpoint.ts'
import { codesOf } from '../../../src/http/openapi-document.ts'
import { orderOfRefusals, stagesOf } from '../../../src/http/order-of-refusals.ts'
import type { Tx } from '../../../src/store/in-transaction.ts'

export type RouteRefusals = {
  readonly route: string
  readonly operationId: string
  readonly roles: string
  /** Stage by stage in the order in which they are met; the endpoint's own come last. */
  readonly stages: readonly { readonly stage: string; readonly codes: readonly ErrorCode[] }[]
  readonly codes: readonly ErrorCode[]
}

/** What each route can refuse, read off the very table that the pipeline runs. */
export const refusalTable = (endpoints: readonly Endpoint<Tx>[]): readonly RouteRefusals[] =>
  endpoints.map((endpoint) => ({
    route: `${endpoint.method} ${endpoint.path}`,
    operationId: endpoint.operationId,
    roles: endpoint.roles.join(''),
    stages: [
      ...stagesOf(endpoint).map(({ name, codes }) => ({ stage: name, codes: codes(endpoint) })),
      { stage: 'endpoint', codes: endpoint.codes },
    ],
    codes: codesOf(endpoint),
  }))

/** A matrix in Markdown: a row a route, a column a code, in the order of the stages. */
export const renderMatrix = (table: readonly RouteRefusals[]): string => {
  const columns = columnsOf(table)
  const legend = columns.map(
    ({ code, stage }, at) =>
      `| ${String(at + 1)} | ${stage} | ${String(errorTable[code].status)} | \`${code}\` |`,
  )
  const rows = table.map(({ route, roles, codes }) => {
    const cells = columns.map(({ code }) => (codes.includes(code) ? '●' : ' '))
    return `| ${route} | ${roles} | ${cells.join(' | ')} |`
  })
  return [
    '| n | stage | status | code |',
    '|---|---|---|---|',
    ...legend,
    '',
    `| route | roles | ${columns.map((_, at) => String(at + 1)).join(' | ')} |`,
    `|---|---|${columns.map(() => '---').join('|')}|`,
    ...rows,
  ].join('\n')
}

const columnsOf = (table: readonly RouteRefusals[]) => {
  const stages = [...orderOfRefusals.map(({ name }) => name), 'endpoint']
  const byCode = new Map<ErrorCode, string>()
  for (const stage of stages)
    for (const route of table)
      for (const { stage: name, codes } of route.stages)
        if (name === stage) for (const code of codes) if (!byCode.has(code)) byCode.set(code, stage)
  for (const { codes } of table)
    for (const code of codes) if (!byCode.has(code)) byCode.set(code, 'any')
  return [...byCode].map(([code, stage]) => ({ code, stage }))
}
