import cluster from 'node:cluster'
import { parseArgs } from 'node:util'
import { readConfig, requireConnections } from '../config.ts'
import { UsageError } from './command-error.ts'
import type { Io } from './io.ts'

/** `zhengqiao serve`: runs the gateway until SIGINT or SIGTERM, then stops without losing an answer. */
export const serveCommand = async (args: readonly string[], io: Io): Promise<number> => {
  if (cluster.worker !== undefined) {
    const { runWorker } = await import('./serve/run-worker.ts')
    return runWorker(cluster.worker, io)
  }
  const config = readConfig({ ...io.env, ...readOptions(args) }, io.workingDir)
  requireConnections(config)
  if (config.processes > 1) {
    const { runWorkers } = await import('./serve/run-workers.ts')
    return runWorkers(config.processes, io)
  }
  const { runGateway } = await import('./serve/run-gateway.ts')
  const running = await runGateway(io)
  io.out(`zhengqiao ready ${running.url}\n`)
  await io.untilStopped()
  await running.close()
  return 0
}

const readOptions = (args: readonly string[]): Readonly<Record<string, string>> => {
  try {
    const { values } = parseArgs({ args: [...args], options: { processes: { type: 'string' } } })
    if (values.processes === undefined) return {}
    readConfig({ ZHENGQIAO_PROCESSES: values.processes }, '.')
    return { ZHENGQIAO_PROCESSES: values.processes }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
