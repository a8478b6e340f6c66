import { readFile } from 'node:fs/promises'

/** The most memory that a process has held so far, in megabytes. Linux only: elsewhere 0. */
export const peakMemoryOf = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${String(pid)}/status`, 'latin1').catch(() => '')
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024)
}
