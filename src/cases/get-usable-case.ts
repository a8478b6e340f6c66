import type { Caller } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import { GatewayError } from '../contract/error.ts'
import { type CaseId, asId } from '../contract/ids.ts'
import { isUuid } from '../contract/uuid.ts'
import type { CaseFile } from './case-file.ts'

export type FindCase = (caseId: CaseId) => Promise<CaseFile | undefined>

/** The case, if it is the caller's own to see: its registrar, the system it is bound to, or an auditor. */
export const getVisibleCase = async (
  findCase: FindCase,
  caller: Caller,
  caseId: string,
): Promise<CaseFile> => {
  const file = isUuid(caseId) ? await findCase(asId(caseId)) : undefined
  if (file === undefined || !isVisible(file, caller)) throw new GatewayError('case_not_found')
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
  const file = isUuid(caseId) ? await findCase(asId(caseId)) : undefined
  if (file?.clientId !== caller.clientId) throw new GatewayError('case_not_found')
  if (file.state === 'closed') throw new GatewayError('case_closed')
  if (file.expiresAt <= clock.now()) {
    throw new GatewayError('case_closed', '办件登记已过期,请重新登记')
  }
  return file
}

const isVisible = (file: CaseFile, caller: Caller): boolean =>
  caller.roles.includes('A') ||
  file.clientId === caller.clientId ||
  file.registrarId === caller.clientId
