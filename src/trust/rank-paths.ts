import { findingKinds, type Finding } from './path-finding.ts'
import type { PathPolicy } from './path-policy.ts'
import { decisiveFindings, type JudgedPath } from './path-verdict.ts'

/**
 * Which of two paths that do not pass says more: a revoked leaf is a fact whatever the path; then a path
 * that only lacks data; then the one with the fewest faults.
 */
export const isBetterPath = (a: JudgedPath, b: JudgedPath, policy: PathPolicy): boolean =>
  rank(decisiveFindings(a.findings, policy)) < rank(decisiveFindings(b.findings, policy))

const rank = (findings: readonly Finding[]): number => {
  if (findings.some(({ code, position }) => code === 'revoked' && position === 0)) return -1
  const broken = findings.filter(({ code }) => findingKinds[code].effect === 'broken')
  return broken.length === 0 ? 0 : findings.length
}
