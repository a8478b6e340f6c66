import type { ArtefactKind, Check, Finding, Judgement, Report, Verdict } from './report.ts'
import type { VerificationPolicy } from './verification-policy.ts'

/**
 * The verdict over all findings: one that is broken fails the whole, one that is open leaves it
 * undecided; the first of them names the sub-indication.
 */
export const conclude = (
  { artefact, findings, facts, parts = [] }: Judgement,
  context: { readonly at: Date; readonly policy: VerificationPolicy },
): Report => {
  const weighed = findings.map((finding) => weigh(finding, context.policy))
  const decider =
    weighed.find(({ effect }) => effect === 'broken') ??
    weighed.find(({ effect }) => effect === 'open')
  const verdict = verdictOf(decider)
  return {
    verdict,
    ...(decider?.subIndication === undefined ? {} : { subIndication: decider.subIndication }),
    ...sentence(artefact, decider, weighed),
    artefact,
    at: context.at.toISOString(),
    checks: weighed.map(checkOf),
    facts,
    ...(parts.length > 0 ? { parts } : {}),
  }
}

const weigh = (finding: Finding, { levels }: VerificationPolicy): Finding => {
  const level = levels[finding.code] ?? 'FAIL'
  if (finding.effect === 'none' || level === 'FAIL') return finding
  return { ...checkOf(finding), effect: 'none', status: level === 'WARN' ? 'warning' : 'skipped' }
}

const verdictOf = (decider: Finding | undefined): Verdict => {
  if (decider === undefined) return 'TOTAL_PASSED'
  return decider.effect === 'broken' ? 'TOTAL_FAILED' : 'INDETERMINATE'
}

const checkOf = ({ code, status, message, messageZh }: Finding): Check => ({
  code,
  status,
  message,
  messageZh,
})

const names: Readonly<Record<ArtefactKind, readonly [string, string]>> = {
  credential: ['credential', '证照凭据'],
  receipt: ['receipt', '用证回执'],
  certificate: ['certificate', '证书'],
  timestamp: ['timestamp', '时间戳'],
  signed_data: ['signed data', '签名数据'],
  unknown: ['file', '文件'],
}

/** Warnings that a reader must not miss even when all is well. */
const sentence = (
  artefact: ArtefactKind,
  decider: Finding | undefined,
  findings: readonly Finding[],
): Pick<Report, 'message' | 'messageZh'> => {
  const [name, nameZh] = names[artefact]
  if (decider !== undefined) {
    const isBroken = decider.effect === 'broken'
    return {
      messageZh: `${nameZh}${isBroken ? '核验不通过' : '暂不能断定'}:${decider.messageZh}。`,
      message: `The ${name} ${isBroken ? 'fails' : 'cannot be judged'}: ${decider.message}.`,
    }
  }
  const notes = findings.filter(({ status, code }) => status === 'warning' || code === 'use')
  return {
    messageZh: `${[`${nameZh}真实有效`, ...notes.map((note) => note.messageZh)].join(';')}。`,
    message: `${[`The ${name} is genuine`, ...notes.map((note) => note.message)].join('; ')}.`,
  }
}
