import type { CommitDeps } from './commit-batch.ts'
import type { LogState } from './grow-log.ts'
import {
  type LogConnection,
  openLogConnection,
  retakeNode,
  takeNode,
} from './log-connection-store.ts'
import { openLog } from './open-log.ts'

export type ConnectDeps = CommitDeps & {
  readonly databaseUrl: string
  /** The gateway's name, first part of every origin. */
  readonly gateway: string
}

/** A connection that holds a node, the one held before if that is still free, and the node's log. */
export const connectWriter = async (
  deps: ConnectDeps,
  before: LogState | undefined,
): Promise<{ readonly log: LogConnection; readonly state: LogState }> => {
  const log = await openLogConnection(deps.databaseUrl)
  try {
    const kept = before !== undefined && (await retakeNode(log, before.node))
    const node = kept ? before.node : await takeNode(log, deps.gateway)
    return { log, state: await openLog(log, node, deps) }
  } catch (error) {
    await endQuietly(log)
    throw error
  }
}

export const endQuietly = async (log: LogConnection): Promise<void> => {
  try {
    await log.end()
  } catch {
    // It is dead already, which is what we want of it.
  }
}
