import { cpuUsOf, mainThreadCpuUsOf } from './process-cpu.ts'

/** CPU time that groups of processes use between its start and `stop`. */
export type CpuClock = { readonly stop: () => Promise<Readonly<Record<string, number>>> }

/** Names groups of process ids; asked again at the end, since a server starts processes as it goes. */
export type ProcessGroups = Readonly<Record<string, () => Promise<readonly number[]>>>

/** @param serverPids processes whose first threads are also counted alone, as `server main thread` */
export const startCpuClock = async (
  groups: ProcessGroups,
  serverPids: readonly number[] = [],
): Promise<CpuClock> => {
  const before = new Map<number, number>()
  for (const pids of Object.values(groups))
    for (const pid of await pids()) before.set(pid, await cpuUsOf([pid]))
  const mainThreads = async (): Promise<number> => {
    const used = await Promise.all(serverPids.map(mainThreadCpuUsOf))
    return used.reduce((sum, us) => sum + us, 0)
  }
  const mainBefore = await mainThreads()
  return {
    stop: async () => {
      const used: Record<string, number> = {}
      if (serverPids.length > 0) used['server main thread'] = (await mainThreads()) - mainBefore
      for (const [name, pids] of Object.entries(groups)) {
        used[name] = 0
        for (const pid of await pids())
          used[name] += Math.max(0, (await cpuUsOf([pid])) - (before.get(pid) ?? 0))
      }
      return used
    },
  }
}
