import { beforeAll, expect, it } from 'vitest'
import type { RequestKey } from '../../src/client/sign-request.ts'
import { type Role, roles } from '../../src/contract/caller.ts'
import { asId } from '../../src/contract/ids.ts'
import { revokeCertificates } from '../../src/access/client-store.ts'
import { openApiDocument } from '../../src/http/openapi-document.ts'
import { type HttpWorld, httpWorld, publicUrl } from './http-world.ts'
import { type Deeds, sampleEndpoints } from './sample-endpoints.ts'
import { everyRouteRefuses, operationsOf, type Surface } from './security-suite.ts'

const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
const endpoints = sampleEndpoints(deeds)
const operations = operationsOf(
  openApiDocument({ endpoints, openRoutes: [], publicUrl, version: 'v1' }),
)
const personRoles: readonly Role[] = ['S', 'A', 'X', 'Y']
let surface: Surface

beforeAll(async () => {
  const world = await httpWorld({ endpoints })
  surface = await surfaceOf(world)
})

it('walks every endpoint', () => {
  expect(operations).toHaveLength(endpoints.length)
})

everyRouteRefuses('pipeline', () => surface, operations)

const surfaceOf = async (world: HttpWorld): Promise<Surface> => {
  const keys = new Map<Role, RequestKey>()
  for (const role of roles) {
    const kind = personRoles.includes(role) ? 'person' : 'system'
    keys.set(role, await world.addClient({ id: `role-${role}`, roles: [role], kind }))
  }
  const revoked = await world.addClient({ id: 'revoked', roles: ['C'] })
  const expired = await world.addClient({
    id: 'expired',
    roles: ['C'],
    notAfter: new Date(world.time.now.getTime() - 1000),
  })
  const at = { at: world.time.now, reason: 'test' }
  await revokeCertificates(world.store.db, { clientId: asId('revoked') }, at)
  return {
    publicUrl,
    sign: world.sign,
    send: world.send,
    stranger: (await world.strangersKey()).key,
    expired,
    revoked,
    keyOf: (role) => {
      const key = keys.get(role)
      if (key === undefined) throw new Error(`no key of role ${role}`)
      return key
    },
    signAt: (skewSeconds, key, request) => world.signAt(skewSeconds, key, request),
  }
}
