import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import {
  type CatalogueDb,
  findServiceItem,
  insertServiceItem,
  listLicenceTypes,
} from './catalogue-store.ts'
import { lintServiceItem } from './lint-service-item.ts'
import { refusal } from './parse-catalogue.ts'
import type { ServiceItem } from './service-item.ts'

/**
 * Publishes a new version of a service item; cases keep the version that they began with. The version
 * must be the next one; the same version with the same content again is 200.
 * @throws GatewayError validation_failed, source_missing, other_materials_forbidden, version_conflict
 */
export const publishItem = async (
  tx: CatalogueDb,
  now: Date,
  input: { readonly code: string; readonly item: ServiceItem },
): Promise<Answer> => {
  const { code, item } = input
  requireSameCode(code, item)
  const types = await listLicenceTypes(tx)
  const findings = lintServiceItem(item, new Map(types.map((type) => [type.typeCode, type])))
  if (findings.length > 0) throw refusal(findings)
  const newest = await findServiceItem(tx, code)
  const repeated = newest !== undefined && JSON.stringify(newest) === JSON.stringify(item)
  if (!repeated) await insertNext(tx, item, newest?.version ?? 0, now)
  const named = { itemCode: item.code, itemVersion: item.version }
  return {
    status: repeated ? 200 : 201,
    data: item,
    deed: { action: 'catalogue.publish', decision: 'allowed', ...named, detail: { repeated } },
  }
}

const insertNext = async (
  tx: CatalogueDb,
  item: ServiceItem,
  newest: number,
  now: Date,
): Promise<void> => {
  const isNext = item.version === newest + 1
  if (!isNext || !(await insertServiceItem(tx, item, now))) {
    throw new GatewayError('version_conflict', `事项现行版本为 ${String(newest)},请提交下一版本`)
  }
}

const requireSameCode = (code: string, item: ServiceItem): void => {
  if (code === item.code) return
  throw new GatewayError('validation_failed', undefined, {
    errors: [{ pointer: '/code', code: 'code_differs', detail: '事项编码与路径不一致' }],
  })
}
