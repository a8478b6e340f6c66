import { GatewayError, type ErrorCode } from '../contract/error.ts'
import type { Finding } from './rules/finding.ts'
import { ruleTexts } from './rules/rule-texts.ts'

/** The refusal of a row that is issued singly: every finding that keeps it out, with its place. */
export const refuseRow = (findings: readonly Finding[]): GatewayError => {
  const reasons = findings.filter(
    ({ class: kind, rule }) => kind === 'quarantine' || rule === 'identifier_check',
  )
  const code = codes.find(([rule]) => reasons.some((reason) => reason.rule === rule))
  return new GatewayError(code?.[1] ?? 'validation_failed', undefined, {
    errors: reasons.map(({ pointer, rule }) => ({
      pointer,
      code: rule,
      detail: `${ruleTexts[rule].titleZh};${ruleTexts[rule].adviceZh}`,
    })),
  })
}

/** Rules that have a problem code of their own; the first that applies gives the refusal its code. */
const codes: readonly (readonly [Finding['rule'], ErrorCode])[] = [
  ['unknown_field', 'unknown_field'],
  ['type_unknown', 'type_not_found'],
  ['id_checksum', 'id_checksum'],
  ['identifier_check', 'identifier_check'],
]
