import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openCluster } from './embedded-cluster.ts'
import type { Cluster, ClusterOptions } from './embedded-cluster.ts'
import { keepServer } from './embedded-keeper.ts'
import type { Keeper } from './embedded-keeper.ts'
import { findPostmaster, isPostmaster, launchPostmaster } from './embedded-postmaster.ts'
import { startFailed } from './embedded-postmaster.ts'
import type { Settings } from './embedded-postmaster.ts'
import { urlOf } from './embedded-socket.ts'
import { codeOf, isConnectionLoss, messageOf, StoreError } from './store-error.ts'

const pauseMs = 50
const watchEveryMs = 500
/** Crash recovery of a large log takes minutes; what is longer is a fault. */
const pausesMax = 6000
const stoppingPausesMax = 200

export type EmbeddedOptions = ClusterOptions & {
  readonly settings?: Settings
  /** Told when the server was lost and could not be brought back; the next try follows by itself. */
  readonly onLost?: (error: unknown) => void
}

export type EmbeddedServer = {
  readonly url: string
  /** Leaves the server; stops it (fast, clean) unless another process still uses it. */
  readonly close: () => Promise<void>
}

type Claim = { readonly server: number; readonly keeper: Keeper }

/**
 * The PostgreSQL server of a data folder: starts it, or joins the one that is running there, whoever
 * started it. Brings it back when it dies, and lets it stop when its last user has gone or died.
 * @throws StoreError with a sentence that says what to do
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedServer> => {
  const cluster = await openCluster(options)
  const first = await claimServer(cluster, options.settings ?? {}).catch((error: unknown) => {
    throw error instanceof StoreError ? error : startFailed(cluster, messageOf(error))
  })
  const state = { claim: first, isClosing: false, repair: Promise.resolve() }
  const repair = async () => {
    if (state.isClosing || (await isWell(cluster, state.claim))) return
    await state.claim.keeper.leave()
    state.claim = await claimServer(cluster, options.settings ?? {})
  }
  const timer = setInterval(() => {
    state.repair = state.repair.then(repair).catch((error: unknown) => options.onLost?.(error))
  }, watchEveryMs)
  timer.unref()
  const close = async () => {
    state.isClosing = true
    clearInterval(timer)
    await state.repair
    await releaseServer(cluster, state.claim)
  }
  return { url: urlOf(cluster), close }
}

/** A keeper that was killed is replaced first, else the server would be left running. */
const releaseServer = async (cluster: Cluster, { server, keeper }: Claim): Promise<void> => {
  const isRunning = await isPostmaster(cluster, server)
  const last = keeper.isAlive() || !isRunning ? keeper : await keepServer(cluster, server)
  await last.release()
}

const isWell = async (cluster: Cluster, { server, keeper }: Claim): Promise<boolean> =>
  keeper.isAlive() && (await isPostmaster(cluster, server))

const claimServer = async (cluster: Cluster, settings: Settings): Promise<Claim> => {
  for (let pause = 0; pause < pausesMax; pause++) {
    const server = (await findPostmaster(cluster)) ?? (await launchPostmaster(cluster, settings))
    const claim = server === undefined ? undefined : await joinServer(cluster, server)
    if (claim) return claim
    await sleep(pauseMs)
  }
  throw startFailed(cluster, 'time out')
}

/** Undefined when that server went away before it answered us. */
const joinServer = async (cluster: Cluster, server: number): Promise<Claim | undefined> => {
  const keeper = await keepServer(cluster, server)
  try {
    await waitOutStopping(cluster, server)
    for (let pause = 0; pause < pausesMax && (await isPostmaster(cluster, server)); pause++) {
      if (await answers(cluster)) return { server, keeper }
      await sleep(pauseMs)
    }
  } catch (error) {
    await keeper.leave()
    throw error
  }
  await keeper.leave()
  return undefined
}

/** The last user was just leaving: let the server end. A mark whose maker was killed is cleared. */
const waitOutStopping = async (cluster: Cluster, server: number): Promise<void> => {
  const mark = join(cluster.home, 'run', `stopping-${String(server)}`)
  for (let pause = 0; pause < stoppingPausesMax; pause++) {
    const isMarked = await stat(mark).then(
      () => true,
      () => false,
    )
    if (!isMarked || !(await isPostmaster(cluster, server))) return
    await sleep(pauseMs)
  }
  await rm(mark, { force: true })
}

/** Connects once and makes sure that our database is there; false while the server starts or stops. */
const answers = async (cluster: Cluster): Promise<boolean> => {
  const client = new pg.Client({ connectionString: urlOf(cluster, 'postgres') })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rowCount } = await client.query("select from pg_database where datname = 'zhengqiao'")
    if (rowCount === 0) await client.query('create database zhengqiao').catch(madeByOther)
    return true
  } catch (error) {
    if (isConnectionLoss(error)) return false
    throw startFailed(cluster, messageOf(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Of two processes that join at once, one creates the database. */
const madeByOther = (error: unknown): void => {
  if (!['42P04', '23505'].includes(codeOf(error) ?? '')) throw error
}
