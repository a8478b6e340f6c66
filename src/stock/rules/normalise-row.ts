import { currentAreaCode } from '../../licences/area-code.ts'
import { readCalendarDay, readLastDay } from '../../licences/calendar-day.ts'
import { foldNumber } from '../../licences/fold-name.ts'
import { toHalfWidth } from '../../licences/half-width.ts'
import { type Finding, normalised } from './finding.ts'
import { normaliseHolders } from './normalise-holders.ts'
import type { GivenRow, Step } from './row.ts'
import type { RuleCode } from './rule-texts.ts'

/** Puts right what has only one reading: widths, brackets of numbers, dates, old codes, joined holders. */
export const normaliseRow = (given: GivenRow): Step<GivenRow> => {
  const findings: Finding[] = []
  const apply = <Value extends string | null>(
    rule: RuleCode,
    pointer: string,
    before: Value,
    after: Value,
  ): Value => {
    if (after !== before) findings.push(normalised(rule, pointer, before, after))
    return after
  }
  const code = (pointer: string, text: string) =>
    apply('full_width', pointer, text, toHalfWidth(text).trim())
  const day = (pointer: string, text: string) =>
    apply('date_form', pointer, text, readCalendarDay(text) ?? text)
  const holders = normaliseHolders(given.holders)
  findings.push(...holders.findings)
  const value = {
    ...given,
    holders: holders.value,
    licenceId: code('/licenceId', given.licenceId),
    typeCode: code('/typeCode', given.typeCode),
    version: code('/version', given.version),
    issuerCode: code('/issuer/code', given.issuerCode),
    number: apply(numberRule(given.number), '/number', given.number, foldNumber(given.number)),
    issuedAt: day('/issuedAt', given.issuedAt),
    validFrom: day('/validFrom', given.validFrom),
    validTo: apply(lastDayRule(given.validTo), '/validTo', given.validTo, lastDay(given.validTo)),
    status: apply('status_computed', '/status', given.status, statusOf(given.status)),
    areaCode: apply('area_code_retired', '/areaCode', given.areaCode, areaCode(given.areaCode)),
  }
  return { value, findings }
}

const numberRule = (number: string): RuleCode =>
  /[０-９Ａ-Ｚａ-ｚ]/.test(number) ? 'full_width' : 'brackets_full_width'

const lastDay = (text: string | null): string | null => {
  if (text === null) return null
  const day = readLastDay(text)
  return day === undefined ? text : day
}

const lastDayRule = (text: string | null): RuleCode =>
  text !== null && readLastDay(text) === null ? 'no_end_form' : 'date_form'

/** What dates decide is never stored as a status of its own. */
const statusOf = (status: string): string =>
  status === 'expired' || status === 'not_yet_active' ? 'active' : status

const areaCode = (code: string | null): string | null =>
  code === null ? null : currentAreaCode(toHalfWidth(code).trim())
