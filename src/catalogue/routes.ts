import { z } from 'zod'
import type { Clock } from '../contract/clock.ts'
import { type Endpoint, readEndpoint, writeEndpoint } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { CatalogueDb } from './catalogue-store.ts'
import {
  findLicenceType,
  findServiceItem,
  listLicenceTypes,
  listServiceItems,
} from './catalogue-store.ts'
import { licenceTypeSchema } from './licence-type.ts'
import { publishItem } from './publish-item.ts'
import { serviceItemSchema } from './service-item.ts'

type Deps = { readonly db: CatalogueDb; readonly clock: Clock }

/** The largest that its column holds. */
const versionMax = 2 ** 31 - 1
const itemReaders = ['R', 'C', 'P', 'H', 'X'] as const
const typeReaders = ['C', 'D', 'S', 'P'] as const
const common = { idempotent: false, operatorRequired: false, codes: [] } as const

/** GET /v1/items and /v1/licence-types, one or all; PUT /v1/items/{code}. */
export const catalogueEndpoints = (deps: Deps): readonly Endpoint<CatalogueDb>[] => [
  listItemsEndpoint(deps),
  getItemEndpoint(deps),
  publishItemEndpoint(deps),
  listTypesEndpoint(deps),
  getTypeEndpoint(deps),
]

const listItemsEndpoint = ({ db }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'listItems',
    method: 'GET',
    path: '/v1/items',
    summaryZh: '列出事项及其申请材料',
    roles: itemReaders,
    data: z.array(serviceItemSchema),
    handle: async () => ({
      status: 200,
      data: await listServiceItems(db),
      deed: { action: 'catalogue.list', decision: 'allowed' },
    }),
  })

const getItemEndpoint = ({ db }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'getItem',
    method: 'GET',
    path: '/v1/items/:code',
    summaryZh: '查看一个事项(可指定版本)',
    roles: itemReaders,
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(versionMax).optional() }),
    codes: ['item_not_found'],
    data: serviceItemSchema,
    handle: async ({ params, query }) => {
      const item = await findServiceItem(db, params['code'] ?? '', versionOf(query['version']))
      if (item === undefined) throw new GatewayError('item_not_found')
      const named = { itemCode: item.code, itemVersion: item.version }
      const deed = { action: 'catalogue.read', decision: 'allowed', ...named } as const
      return { status: 200, data: item, deed }
    },
  })

const publishItemEndpoint = ({ clock }: Deps) =>
  writeEndpoint<CatalogueDb, typeof serviceItemSchema>({
    ...common,
    operationId: 'publishItem',
    method: 'PUT',
    path: '/v1/items/:code',
    summaryZh: '发布事项的新版本',
    roles: ['X'],
    codes: ['source_missing', 'other_materials_forbidden', 'version_conflict'],
    body: serviceItemSchema,
    data: serviceItemSchema,
    handle: ({ params, body, tx }) =>
      publishItem(tx, clock.now(), { code: params['code'] ?? '', item: body }),
  })

const listTypesEndpoint = ({ db }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'listLicenceTypes',
    method: 'GET',
    path: '/v1/licence-types',
    summaryZh: '列出证照类型',
    roles: typeReaders,
    data: z.array(licenceTypeSchema),
    handle: async () => ({
      status: 200,
      data: await listLicenceTypes(db),
      deed: { action: 'catalogue.list', decision: 'allowed' },
    }),
  })

const getTypeEndpoint = ({ db }: Deps) =>
  readEndpoint({
    ...common,
    operationId: 'getLicenceType',
    method: 'GET',
    path: '/v1/licence-types/:code',
    summaryZh: '查看一个证照类型',
    roles: typeReaders,
    codes: ['type_not_found'],
    data: licenceTypeSchema,
    handle: async ({ params }) => {
      const type = await findLicenceType(db, params['code'] ?? '')
      if (type === undefined) throw new GatewayError('type_not_found')
      return { status: 200, data: type, deed: { action: 'catalogue.read', decision: 'allowed' } }
    },
  })

const versionOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)
