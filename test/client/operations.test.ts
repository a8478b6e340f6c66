import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { accessEndpoints } from '../../src/access/routes.ts'
import { caseEndpoints } from '../../src/cases/routes.ts'
import { catalogueEndpoints } from '../../src/catalogue/routes.ts'
import { onboardingOperations } from '../../src/client/onboarding-operations.ts'
import { operations as mainOperations } from '../../src/client/operations.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { ledgerEndpoints } from '../../src/ledger/routes.ts'
import { stockEndpoints } from '../../src/stock/routes.ts'
import type { Tx } from '../../src/store/in-transaction.ts'

/** Endpoints are data; nothing behind them is called here. */
const nothing = {} as never

const endpoints: readonly Endpoint<Tx>[] = [
  ...catalogueEndpoints(nothing),
  ...caseEndpoints(nothing),
  ...stockEndpoints(nothing),
  ...ledgerEndpoints(nothing),
  ...accessEndpoints(nothing),
]

const operations = { ...mainOperations, ...onboardingOperations }

const openApiPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}')

describe('the client’s operations', () => {
  it('cover every endpoint that a system or person calls', () => {
    expect(Object.keys(operations).sort()).toEqual(
      endpoints.map(({ operationId }) => operationId).sort(),
    )
  })

  it.each(Object.entries(operations))('%s is the gateway’s endpoint', (name, operation) => {
    const endpoint = endpoints.find(({ operationId }) => operationId === name)
    expect(operation).toMatchObject({
      method: endpoint?.method,
      path: openApiPath(endpoint?.path ?? ''),
      idempotent: endpoint?.idempotent,
    })
    expect(z.toJSONSchema(operation.data)).toEqual(z.toJSONSchema(endpoint?.data ?? z.never()))
  })
})
