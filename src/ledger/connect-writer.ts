import type { DigestName } from '../crypto/digest.ts'
import type { CommitDeps } from './commit-batch.ts'
import type { LogState } from './grow-log.ts'
import {
  type LogConnection,
  openLogConnection,
  retakeNode,
  shareDataKey,
  takeNode,
} from './log-connection-store.ts'
import { openLog } from './open-log.ts'
import { StoreError } from '../store/store-error.ts'

export type ConnectDeps = CommitDeps & {
  readonly databaseUrl: string
  /** The data key under which this process writes. */
  readonly dataKeyId: string
  /** The gateway's name, first part of every origin. */
  readonly gateway: string
  /** Hash of a new log's tree. */
  readonly digestName?: DigestName | undefined
}

/** A connection that holds a node, the one held before if that is still free, and the node's log. */
export const connectWriter = async (
  deps: ConnectDeps,
  before: LogState | undefined,
): Promise<{ readonly log: LogConnection; readonly state: LogState }> => {
  const log = await openLogConnection(deps.databaseUrl)
  try {
    if (!(await shareDataKey(log, deps.dataKeyId))) throw keyOnItsWayOut(deps.dataKeyId)
    const kept = before !== undefined && (await retakeNode(log, before.node))
    const node = kept ? before.node : await takeNode(log, deps.gateway, deps)
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

const keyOnItsWayOut = (keyId: string): StoreError =>
  new StoreError(
    'key_file',
    `数据密钥 ${keyId} 正在被替换;请换上新的 keys/data-keys.json 后再启动网关。`,
    `Data key ${keyId} is being replaced; put the new keys/data-keys.json in place, then start the gateway.`,
  )
