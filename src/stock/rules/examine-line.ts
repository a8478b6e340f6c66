import type { Finding } from './finding.ts'
import { type JudgedRow, judgeRow } from './judge-row.ts'
import { normaliseRow } from './normalise-row.ts'
import { readRow } from './read-row.ts'
import type { RowContext } from './row.ts'

/** One pushed line, read, put right and judged by itself. Pure. */
export const examineLine = (line: Uint8Array, context: RowContext): JudgedRow => {
  const read = readRow(line)
  if (read.row === undefined) return { findings: read.findings, row: undefined }
  const { value, findings } = normaliseRow(read.row)
  const judged = judgeRow(value, read.row.status, context)
  return { row: judged.row, findings: inOrder([...findings, ...judged.findings]) }
}

const order = { quarantine: 0, duplicate: 1, warn: 2, normalise: 3 } as const

const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  findings.length < 2
    ? findings
    : [...findings].sort((one, other) => order[one.class] - order[other.class])
