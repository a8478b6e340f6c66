import type { HallColour, HallView } from './hall-view.ts'

const marks: Readonly<Record<HallColour, string>> = {
  green: '●',
  amber: '◐',
  red: '○',
  grey: '–',
}
const ansi: Readonly<Record<HallColour, string>> = {
  green: '\u001b[32m',
  amber: '\u001b[33m',
  red: '\u001b[31m',
  grey: '\u001b[90m',
}
const conditions: Readonly<Record<HallView['condition'], string>> = {
  up: '正常',
  slow: '缓慢',
  down: '中断',
  maintenance: '维护',
}

const columns: readonly (readonly [string, (hall: HallView) => string])[] = [
  ['大厅', ({ nameZh }) => nameZh],
  ['状态', ({ colour, condition }) => `${marks[colour]} ${conditions[condition]}`],
  ['自', ({ since }) => since.slice(11, 19)],
  ['p95 ms', ({ p95Ms }) => (p95Ms === null ? '–' : String(Math.round(p95Ms)))],
  ['在途', ({ inFlight, queued }) => `${String(inFlight)}+${String(queued)}`],
  ['失败', ({ errors }) => String(Object.values(errors).reduce((sum, count) => sum + count, 0))],
  ['受理', ({ business }) => (business === null ? '–' : String(business.accepted))],
  ['办结', ({ business }) => (business === null ? '–' : String(business.finished))],
  ['超期', ({ business }) => (business === null ? '–' : String(business.overdue))],
  [
    '最近失败',
    ({ lastFailures: [last] }) =>
      last === undefined ? '' : `${last.at.slice(11, 19)} ${last.cause}`,
  ],
]

/** The halls as lines of a table, for `zhengqiao hall watch`; colours only where a terminal shows them. */
export const hallTable = (
  halls: readonly HallView[],
  { isColoured }: { readonly isColoured: boolean },
): readonly string[] => {
  const cells = halls.map((hall) => columns.map(([, read]) => read(hall)))
  const widths = columns.map(([title], at) =>
    Math.max(...[title, ...cells.map((row) => row[at] ?? '')].map(widthOf)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd()
  return [
    line(columns.map(([title]) => title)),
    ...halls.map((hall, at) => paint(line(cells[at] ?? []), hall.colour, isColoured)),
  ]
}

const paint = (text: string, colour: HallColour, isColoured: boolean): string =>
  isColoured ? `${ansi[colour]}${text}\u001b[0m` : text

/** Han characters and full-width forms take two columns of a terminal. */
const widthOf = (text: string): number =>
  Array.from(text).reduce(
    (width, character) => width + (/[\u2e80-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1),
    0,
  )
