import { checkTexts, type CheckCode } from './check-texts.ts'
import type { CheckStatus, Finding } from './report.ts'

export const passed = (code: CheckCode): Finding => make(code, 'passed', 'none')

/** The artefact contradicts itself or its proof. */
export const broken = (code: CheckCode, subIndication: string, detail?: string): Finding => ({
  ...make(code, 'failed', 'broken', detail),
  subIndication,
})

/** What is needed for a verdict is missing. */
export const open = (code: CheckCode, subIndication: string, detail?: string): Finding => ({
  ...make(code, 'failed', 'open', detail),
  subIndication,
})

export const warning = (code: CheckCode, detail?: string): Finding =>
  make(code, 'warning', 'none', detail)

export const skipped = (code: CheckCode, detail?: string): Finding =>
  make(code, 'skipped', 'none', detail)

/** Passed or broken. */
export const judged = (
  isRight: boolean,
  code: CheckCode,
  subIndication: string,
  detail?: string,
): Finding => (isRight ? passed(code) : broken(code, subIndication, detail))

const make = (
  code: CheckCode,
  status: CheckStatus,
  effect: Finding['effect'],
  detail?: string,
): Finding => {
  const [message, messageZh] = checkTexts[code][status === 'passed' ? 0 : 1]
  const more = detail === undefined ? '' : `: ${detail}`
  return { code, status, effect, message: message + more, messageZh: messageZh + more }
}
