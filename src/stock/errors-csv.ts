import type { Json } from '../contract/endpoint.ts'
import type { PlacedFinding } from './finding-store.ts'
import type { FindingClass } from './rules/finding.ts'
import { ruleTexts } from './rules/rule-texts.ts'

const header = ['分块', '行', '结果', '规则', '字段', '说明', '建议', '原值', '更正为', '相关行']

const classesZh: Readonly<Record<FindingClass, string>> = {
  normalise: '已更正入库',
  warn: '已入库,请核对',
  quarantine: '未入库',
  duplicate: '重复,未入库',
}

/** Header line of the list of findings, with a byte-order mark so that office software reads UTF-8. */
export const errorsCsvHeader = (): string => `\ufeff${toLine(header)}`

/** Findings as lines of a CSV file (RFC 4180): row, field, suggestion. */
export const errorsCsvLines = (findings: readonly PlacedFinding[]): string =>
  findings.map(findingLine).join('')

const findingLine = ({ chunk, line, finding }: PlacedFinding): string => {
  const { titleZh, adviceZh } = ruleTexts[finding.rule]
  const { other } = finding
  return toLine([
    String(chunk),
    String(line),
    classesZh[finding.class],
    finding.rule,
    finding.pointer,
    titleZh,
    adviceZh,
    textOf(finding.given),
    textOf(finding.corrected),
    other === undefined ? '' : `${String(other.chunk)}/${String(other.line)}`,
  ])
}

const textOf = (value: Json | undefined): string => {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const toLine = (cells: readonly string[]): string => `${cells.map(toCell).join(',')}\r\n`

/** A cell that office software would take for a formula gets an apostrophe, so that it stays text. */
const toCell = (text: string): string => {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
