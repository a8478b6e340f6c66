import { readdir, readFile } from 'node:fs/promises'

/**
 * CPU time in µs that processes have used so far, their threads included. Linux only: elsewhere, and for
 * a process that is gone, 0.
 */
export const cpuUsOf = async (pids: readonly number[]): Promise<number> => {
  const used = await Promise.all(pids.map(cpuUsOfProcess))
  return used.reduce((sum, us) => sum + us, 0)
}

/** The same of the first thread alone, which runs all JavaScript of a server without workers. */
export const mainThreadCpuUsOf = (pid: number): Promise<number> => cpuUsOfThread(pid, String(pid))

/** A process and its children, as they are now. */
export const withChildren = async (pid: number): Promise<readonly number[]> => {
  const entries = await readdir('/proc').catch(nothing)
  const others = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => ({ pid: Number(entry), parent: await parentOf(Number(entry)) })),
  )
  return [pid, ...others.filter(({ parent }) => parent === pid).map(({ pid: child }) => child)]
}

/** The processes that `zhengqiao serve` of this id runs behind its port; none when it serves alone. */
export const workersOf = async (pid: number): Promise<readonly number[]> => {
  const [, ...children] = await withChildren(pid)
  const commands = await Promise.all(children.map(commandOf))
  return children.filter((_child, at) => commands[at]?.includes('serve'))
}

const commandOf = async (pid: number): Promise<readonly string[]> =>
  (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')).split('\0')

/** Parent of a process; undefined when it is gone or there is no /proc. */
export const parentOf = async (pid: number): Promise<number | undefined> => {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'latin1').catch(() => '')
  // The command's name stands in brackets and may hold anything.
  const [, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return parent === undefined ? undefined : Number(parent)
}

/** The scheduler counts nanoseconds where /proc/…/stat only has ticks of 10 ms. */
const cpuUsOfProcess = async (pid: number): Promise<number> => {
  const threads = await readdir(`/proc/${String(pid)}/task`).catch(nothing)
  const times = await Promise.all(threads.map((thread) => cpuUsOfThread(pid, thread)))
  return times.reduce((sum, us) => sum + us, 0)
}

const cpuUsOfThread = async (pid: number, thread: string): Promise<number> => {
  const path = `/proc/${String(pid)}/task/${thread}/schedstat`
  const text = await readFile(path, 'latin1').catch(() => '0')
  return Number(text.split(' ')[0]) / 1000
}

const nothing = (): string[] => []
