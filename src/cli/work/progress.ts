import type { Io } from '../io.ts'

export type Progress = {
  readonly show: (done: number, all: number) => void
  readonly end: () => void
}

const width = 30

/** A bar on standard error; nothing where that is no terminal. */
export const createProgress = ({
  err,
  isErrTerminal,
}: Pick<Io, 'err' | 'isErrTerminal'>): Progress => {
  let isShown = false
  return {
    show: (done, all) => {
      if (isErrTerminal !== true) return
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
