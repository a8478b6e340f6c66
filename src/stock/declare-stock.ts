import { z } from 'zod'
import { findLicenceType } from '../catalogue/catalogue-store.ts'
import type { Caller } from '../contract/caller.ts'
import { cityDateOf } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import type { StockDb } from './batch-store.ts'
import { type Declaration, insertDeclaration } from './declaration-store.ts'
import { actsFor } from './get-own-batch.ts'
import type { StockDeps } from './stock-deps.ts'

export const declarationBody = z.strictObject({
  issuerCode: z.string().regex(/^[0-9A-Z]{18}$/),
  typeCode: z.string().regex(/^[0-9A-Z]{21}$/),
  /** So many licences of the type the department holds, of whatever status and version. */
  rows: z.int().min(0).max(1_000_000_000),
  /** City day on which they were counted. */
  asOf: z.iso.date(),
})

export const declarationData = z.object({
  declarationId: z.uuid(),
  issuerCode: z.string(),
  typeCode: z.string(),
  rows: z.int(),
  asOf: z.string(),
})

/**
 * "We hold so many licences of this type on that day": what progress is measured against. A later one
 * takes the place of an earlier one, which stays in the log.
 * @throws GatewayError scope_missing, type_not_found, validation_failed
 */
export const declareStock = async (
  {
    findDepartment,
    clock,
    randomBytes,
  }: Pick<StockDeps, 'findDepartment' | 'clock' | 'randomBytes'>,
  tx: StockDb,
  caller: Caller,
  body: z.output<typeof declarationBody>,
): Promise<Answer> => {
  const department = await findDepartment(body.issuerCode)
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '只能申报本部门或所属机构的存量')
  }
  const type = await findLicenceType(tx, body.typeCode)
  if (type === undefined) throw new GatewayError('type_not_found')
  const now = clock.now()
  if (type.issuer.code !== body.issuerCode)
    throw invalid('/typeCode', 'type_issuer', '此类证照不由该机构颁发')
  if (body.asOf > cityDateOf(now)) throw invalid('/asOf', 'in_future', '清点日期不能在将来')
  const declaration: Declaration = {
    ...body,
    declarationId: newUuidV7(now.getTime(), randomBytes),
    declaredBy: caller.clientId,
    createdAt: now,
  }
  await insertDeclaration(tx, declaration)
  const { declarationId } = declaration
  return {
    status: 201,
    data: { declarationId, ...body },
    deed: {
      action: 'stock.declare',
      decision: 'allowed',
      detail: { declarationId, ...body },
    },
  }
}

const invalid = (pointer: string, code: string, detail: string): GatewayError =>
  new GatewayError('validation_failed', detail, { errors: [{ pointer, code, detail }] })
