import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { cityTimeOf, type Clock } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type LicenceId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import { type Licence, storedStatuses } from '../licences/licence.ts'
import { lockReleasedLicence, updateStatus } from '../licences/status-store.ts'
import type { StockDb } from './batch-store.ts'
import { actsFor, type FindDepartment } from './get-own-batch.ts'

export const statusBody = z.strictObject({
  status: z.enum(['active', 'suspended', 'revoked', 'cancelled', 'transferred_out', 'void_error']),
  reason: z.string().min(1).max(500),
  effectiveAt: z.iso.datetime({ offset: true }),
  /** Number of the department's decision (文书号). */
  documentNo: z.string().min(1).max(100),
})

export const statusData = z.object({
  licenceId: z.uuid(),
  version: z.string(),
  status: z.enum(storedStatuses),
  previousStatus: z.enum(storedStatuses),
  statusAsOf: z.string(),
})

export type StatusDeps = { readonly findDepartment: FindDepartment; readonly clock: Clock }

/**
 * Suspends, revokes, cancels … or restores a licence of the caller's department. The reason stays in the
 * kept request; the event names the decision by its number.
 * @throws GatewayError licence_not_found, version_conflict, validation_failed
 */
export const changeStatus = async (
  deps: StatusDeps,
  tx: StockDb,
  caller: Caller,
  { licenceId, body }: { readonly licenceId: string; readonly body: z.output<typeof statusBody> },
): Promise<Answer> => {
  const licence = await lockOwnLicence(deps, tx, caller, licenceId)
  if (licence.successorId !== null) {
    throw new GatewayError('version_conflict', '该版本已被新版本取代,请变更新版本的状态')
  }
  const now = deps.clock.now()
  if (Date.parse(body.effectiveAt) > now.getTime()) {
    throw new GatewayError('validation_failed', '生效时间不能在将来', {
      errors: [{ pointer: '/effectiveAt', code: 'in_future', detail: '请在生效时再提交' }],
    })
  }
  await updateStatus(tx, licence.licenceId, body.status, now)
  const { version } = licence
  const statusAsOf = cityTimeOf(now)
  const status = { status: body.status, statusAsOf }
  return {
    status: 200,
    data: { licenceId, version, previousStatus: licence.status, ...status },
    deed: {
      action: 'licence.status',
      decision: 'allowed',
      licences: [{ licenceId, version, fields: [], ...status, statusSource: 'department' }],
      detail: {
        previousStatus: licence.status,
        effectiveAt: body.effectiveAt,
        documentNo: body.documentNo,
      },
    },
  }
}

const lockOwnLicence = async (
  { findDepartment }: StatusDeps,
  tx: StockDb,
  caller: Caller,
  licenceId: string,
): Promise<Licence> => {
  const licence = isUuid(licenceId)
    ? await lockReleasedLicence(tx, asId<LicenceId>(licenceId))
    : undefined
  const department = licence && (await findDepartment(licence.issuerCode))
  if (licence === undefined || department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('licence_not_found')
  }
  return licence
}
