import { destination, type Logger, pino } from 'pino'

const bytesAtOnce = 3072
/** What a pipe takes whole (POSIX PIPE_BUF on Linux): lines of several processes do not mix. */
const bytesAtOnceMax = 4096
const flushEveryMs = 250

export type OpenedLogger = { readonly logger: Logger; readonly close: () => void }

/**
 * JSON lines to standard output, written some kilobytes or a quarter of a second at a time: a write of
 * its own costs more than the line. An exit writes what is left; only a kill can lose that much. The log
 * is no evidence, the ledger is.
 */
export const openLogger = (level: string): OpenedLogger => {
  const out = destination({
    dest: 1,
    sync: false,
    minLength: bytesAtOnce,
    maxWrite: bytesAtOnceMax,
  })
  const flushing = setInterval(() => {
    out.flush()
  }, flushEveryMs)
  flushing.unref()
  return {
    logger: pino({ level, base: null }, out),
    close: () => {
      clearInterval(flushing)
      out.flush()
    },
  }
}
