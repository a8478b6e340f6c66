/** How the demo speaks: Chinese, English beneath, colour only at a terminal. */
export type Narrator = {
  /** Starts a numbered part of the walk. */
  readonly chapter: (zh: string, en: string) => void
  readonly say: (zh: string, en?: string) => void
  /** A result that the walk has checked. */
  readonly good: (zh: string, en?: string) => void
  readonly rows: (rows: readonly (readonly string[])[]) => void
  readonly elapsedMs: () => number
}

export type NarratorOptions = {
  readonly write: (text: string) => void
  readonly colour: boolean
  readonly nowMs: () => number
}

export const createNarrator = ({ write, colour, nowMs }: NarratorOptions): Narrator => {
  const startedMs = nowMs()
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${String(code)}m${text}\u001b[0m` : text
  const beneath = (en: string | undefined): string =>
    en === undefined ? '' : `   ${paint(2, en)}\n`
  let chapters = 0
  return {
    chapter: (zh, en) => {
      chapters += 1
      const seconds = ((nowMs() - startedMs) / 1000).toFixed(1)
      write(
        `\n${paint(1, `${String(chapters)}. ${zh}`)}  ${paint(2, `[${seconds} s]`)}\n${beneath(en)}`,
      )
    },
    say: (zh, en) => {
      write(`   ${zh}\n${beneath(en)}`)
    },
    good: (zh, en) => {
      write(` ${paint(32, '✓')} ${zh}\n${beneath(en)}`)
    },
    rows: (rows) => {
      for (const row of layOut(rows)) write(`     ${row}\n`)
    },
    elapsedMs: () => nowMs() - startedMs,
  }
}

const layOut = (rows: readonly (readonly string[])[]): readonly string[] => {
  const columns = Math.max(0, ...rows.map(({ length }) => length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  )
}

/** Columns on a terminal: East Asian characters take two. */
const widthOf = (text: string): number =>
  Array.from(text).reduce(
    (width, character) => width + (/[\u1100-\u115f\u2e80-\uffe6]/u.test(character) ? 2 : 1),
    0,
  )
