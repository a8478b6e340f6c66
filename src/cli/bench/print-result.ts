import type { BenchResult, BenchTable } from './bench.ts'

/** A result for people: the ratios first, then the tables behind them. */
export const printResult = ({ name, ratios, tables }: BenchResult): string =>
  [
    printTable({
      title: name,
      rows: Object.entries(ratios).map(([ratio, value]) => ({ ratio, value })),
    }),
    ...tables.map(printTable),
  ].join('\n')

const printTable = ({ title, rows }: BenchTable): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)))
  const text = lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  )
  return `${title}\n${text.map((line) => `  ${line.trimEnd()}`).join('\n')}\n`
}
