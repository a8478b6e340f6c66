import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import { type CaseId, type ClientId, asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { CaseFile } from './case-file.ts'

/**
 * A case that the client has registered or that is bound to it; for undefined any case. What is another's
 * is not read at all, so that it takes no longer than what is not there.
 */
export type FindCase = (
  caseId: CaseId,
  clientId: ClientId | undefined,
) => Promise<CaseFile | undefined>

/** The case, if it is the caller's own to see: its registrar, the system it is bound to, or an auditor. */
export const getVisibleCase = async (
  findCase: FindCase,
  caller: Caller,
  caseId: string,
): Promise<CaseFile> => {
  const clientId = caller.roles.includes('A') ? undefined : caller.clientId
  const file = isUuid(caseId) ? await findCase(asId(caseId), clientId) : undefined
  if (file === undefined) throw new GatewayError('case_not_found')
  return file
}

/**
 * The open case under which this caller may check and fetch.
 * @throws GatewayError case_not_found (also outside one's scope), case_closed.
 */
export const getUsableCase = async (
  { findCase, clock }: { findCase: FindCase; clock: Clock },
  caller: Caller,
  caseId: string,
): Promise<CaseFile> => {
  const file = isUuid(caseId) ? await findCase(asId(caseId), caller.clientId) : undefined
  if (file?.clientId !== caller.clientId) throw new GatewayError('case_not_found')
  if (file.state === 'closed') throw new GatewayError('case_closed')
  if (file.expiresAt <= clock.now()) {
    throw new GatewayError('case_closed', '办件登记已过期,请重新登记')
  }
  return file
}
