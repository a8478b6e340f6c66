import type { Io } from '../io.ts'

export type Progress = {
  readonly show: (done: number, all: number) => void
  readonly end: () => void
}

const width = 30

/** A bar on the terminal; nothing where the output is not one. */
export const createProgress = ({ err, isTerminal }: Pick<Io, 'err' | 'isTerminal'>): Progress => {
  let isShown = false
  return {
    show: (done, all) => {
      if (!isTerminal) return
      isShown = true
      const filled = Math.round((width * done) / Math.max(1, all))
      const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
      err(`\r${bar} ${String(done)}/${String(all)}`)
    },
    end: () => {
      if (isShown) err('\n')
      isShown = false
    },
  }
}
