import type { Caller } from '../contract/caller.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type BatchId, type OrganisationId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { Batch } from './batch.ts'

/** The department of a credit code, as far as it decides who may act for it. */
export type IssuingDepartment = {
  readonly organisationId: OrganisationId
  readonly parentId: OrganisationId | undefined
}

export type FindDepartment = (uscc: string) => Promise<IssuingDepartment | undefined>

/** True for people of the department itself and of the one above it. */
export const actsFor = (
  caller: Pick<Caller, 'organisationId'>,
  department: IssuingDepartment,
): boolean =>
  department.organisationId === caller.organisationId ||
  department.parentId === caller.organisationId

/**
 * A batch of the caller's department, by whatever loads (and perhaps locks) it.
 * @throws GatewayError batch_not_found, also for another department's
 */
export const getOwnBatch = async (
  { findDepartment }: { readonly findDepartment: FindDepartment },
  caller: Caller,
  batchId: string,
  load: (batchId: BatchId) => Promise<Batch | 'busy' | undefined>,
): Promise<Batch> => {
  const batch = isUuid(batchId) ? await load(asId(batchId)) : undefined
  if (batch === 'busy') throw new GatewayError('batch_state', '批次正在上传或处理,请稍后再试')
  if (batch === undefined) throw new GatewayError('batch_not_found')
  const department = await findDepartment(batch.issuerCode)
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('batch_not_found')
  }
  return batch
}
