import { describe, expect, it } from 'vitest'
import { errorTable } from '../../../src/contract/error-table.ts'
import { roles } from '../../../src/contract/caller.ts'
import { openApiDocument } from '../../../src/http/openapi-document.ts'
import { orderOfRefusals } from '../../../src/http/order-of-refusals.ts'
import { allEndpoints } from '../all-endpoints.ts'
import { at } from '../json-at.ts'
import { refusalTable, renderMatrix } from './refusal-table.ts'

const table = refusalTable(allEndpoints)
const always = [
  'route_not_found',
  'method_not_allowed',
  'head_too_large',
  'signature_required',
  'client_unknown',
  'certificate_expired',
  'certificate_revoked',
  'clock_skew',
  'signature_invalid',
  'rate_limited',
  'nonce_replayed',
  'scope_missing',
  'digest_mismatch',
  'file_type_unsupported',
  'unknown_field',
  'validation_failed',
  'internal',
  'ledger_unavailable',
] as const

describe('the table of routes and refusals', () => {
  it('is the order of the design: outside in, existence and rights before state', () => {
    expect(orderOfRefusals.map(({ name }) => name)).toEqual([
      'route',
      'capacity',
      'head',
      'signature headers',
      'client',
      'certificate',
      'clock',
      'signature',
      'rate',
      'nonce',
      'role',
      'body length',
      'digest',
      'content type',
      'json',
      'fields',
      'values',
      'idempotency',
      'operator',
    ])
  })

  it.each(table.map((row) => [row.route, row] as const))(
    '%s refuses what every route refuses, and its document says so',
    (route, row) => {
      expect(row.codes).toEqual(expect.arrayContaining([...always]))
      expect(row.roles.length).toBeLessThanOrEqual(roles.length)
      const document = openApiDocument({
        endpoints: allEndpoints,
        openRoutes: [],
        publicUrl: 'https://gateway.example',
        version: 'v1',
      })
      const [method = '', path = ''] = route.split(' ')
      const operation = at(
        document,
        'paths',
        path.replace(/:(\w+)/g, '{$1}'),
        method.toLowerCase(),
        'responses',
      )
      for (const code of row.codes)
        expect(at(operation, String(errorTable[code].status), 'x-codes')).toContain(code)
    },
  )

  it('prints one line a route', () => {
    const lines = renderMatrix(table).split('\n')
    expect(lines.filter((line) => /^\| (GET|POST|PUT) /.test(line))).toHaveLength(table.length)
  })
})
