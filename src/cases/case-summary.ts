import { cityTimeOf } from '../contract/clock.ts'
import type { CaseFile } from './case-file.ts'

/** The case as its users see it: state and numbers, nobody's name. */
export const caseSummary = (file: CaseFile) => ({
  caseId: file.caseId,
  caseNo: file.caseNo,
  itemCode: file.itemCode,
  itemVersion: file.itemVersion,
  assurance: file.assurance,
  state: file.state,
  outcome: file.outcome,
  createdAt: cityTimeOf(file.createdAt),
  expiresAt: cityTimeOf(file.expiresAt),
  closedAt: file.closedAt === null ? null : cityTimeOf(file.closedAt),
})
