import type { CertificatePath } from './build-paths.ts'
import {
  findingGroups,
  findingKinds,
  type Finding,
  type FindingCode,
  type FindingGroup,
} from './path-finding.ts'
import type { PathPolicy } from './path-policy.ts'

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'skipped'

/** One line of a report. */
export type Check = {
  readonly code: FindingGroup | FindingCode
  readonly status: CheckStatus
  readonly message: string
  readonly messageZh: string
}

export type PathVerdict = {
  readonly verdict: 'passed' | 'failed' | 'indeterminate'
  /** `passed`, or the finding that decided. */
  readonly code: FindingCode | 'passed'
  /** Sub-indication of ETSI EN 319 102-1; absent when passed. */
  readonly subIndication?: string
  readonly message: string
  readonly messageZh: string
  /** The path that was judged, leaf first; empty when none was found. */
  readonly path: CertificatePath
  readonly checks: readonly Check[]
  readonly findings: readonly Finding[]
  /** User-constrained policy set; anyPolicy stands for all. */
  readonly policies: readonly string[]
  /** A verdict that passed stays the same from the time of judgement to `validUntil`. */
  readonly validFrom: Date
  readonly validUntil: Date
}

type Weight = 'fail' | 'warn' | 'inform'

/** How much a finding counts under a policy. */
export const weightOf = ({ code }: Finding, { levels }: PathPolicy): Weight =>
  levels[code] ?? levels[findingKinds[code].group] ?? 'fail'

/** The findings that count in full. */
export const decisiveFindings = (
  findings: readonly Finding[],
  policy: PathPolicy,
): readonly Finding[] => findings.filter((finding) => weightOf(finding, policy) === 'fail')

/** What a verdict is made of. */
export type JudgedPath = Pick<
  PathVerdict,
  'path' | 'findings' | 'policies' | 'validFrom' | 'validUntil'
>

/** Words, checks and verdict for a judged path, or for the findings where there is none. */
export const makeVerdict = (judged: JudgedPath, policy: PathPolicy): PathVerdict => {
  const decisive = decisiveFindings(judged.findings, policy)
  const decider =
    decisive.find(({ code }) => findingKinds[code].effect === 'broken') ?? decisive.at(0)
  const checks = makeChecks(judged, policy)
  if (decider === undefined) {
    const [message, messageZh] = ['the path is valid', '证书路径有效']
    return { verdict: 'passed', code: 'passed', message, messageZh, ...judged, checks }
  }
  const { effect, subIndication } = findingKinds[decider.code]
  return {
    verdict: effect === 'broken' ? 'failed' : 'indeterminate',
    code: decider.code,
    subIndication,
    ...wording(decider),
    ...judged,
    checks,
  }
}

const statusOf: Readonly<Record<Weight, CheckStatus>> = {
  fail: 'failed',
  warn: 'warning',
  inform: 'passed',
}

const groupNames = Object.keys(findingGroups).filter(
  (key): key is FindingGroup => key in findingGroups,
)

const makeChecks = (judged: JudgedPath, policy: PathPolicy): readonly Check[] =>
  groupNames.flatMap((group): readonly Check[] => {
    const found = judged.findings.filter(({ code }) => findingKinds[code].group === group)
    const [message, messageZh] = findingGroups[group]
    if (found.length === 0) {
      const isJudged = judged.path.length > 0 && !isLeftOut(group, judged, policy)
      return [{ code: group, status: isJudged ? 'passed' : 'skipped', message, messageZh }]
    }
    return found.map((finding) => ({
      code: finding.code,
      status: statusOf[weightOf(finding, policy)],
      ...wording(finding),
    }))
  })

/** Revocation is not looked up for a path that is bad without it, or where the policy asks for none. */
const isLeftOut = (group: FindingGroup, judged: JudgedPath, policy: PathPolicy): boolean => {
  if (group !== 'revocation') return false
  const { leaf, authorities } = policy.revocation
  return (
    (leaf === 'ignored' && authorities === 'ignored') ||
    decisiveFindings(judged.findings, policy).length > 0
  )
}

const wording = ({ code, position, detail }: Finding) => {
  const { message, messageZh } = findingKinds[code]
  const more = detail === undefined ? '' : `: ${detail}`
  return {
    message: `${message} (certificate ${String(position)}${more})`,
    messageZh: `${messageZh}(第 ${String(position + 1)} 张证书${more})`,
  }
}
