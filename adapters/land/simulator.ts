import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Clock } from '../../src/contract/clock.ts'
import type { RandomBytes } from '../../src/contract/uuid.ts'
import {
  loadSimulatedCity,
  startSimulatorFrame,
  type JsonObject,
  type Mood,
  type SimulatedCity,
  type SimulatedPaper,
  type SimulatedSubject,
  type Simulator,
} from '../../src/halls/adapter.ts'
import { answerQuery, type AskedRow } from './answer-query.ts'
import { dropRole, prepareFrontend, setRolePassword } from './prepare-frontend.ts'
import { startRelay } from './relay.ts'

export type LandOptions = {
  readonly hallId: string
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly clock: Clock
  readonly random: RandomBytes
  /** An empty database of a real server, opened as a role that may create roles. */
  readonly ownerUrl: string
  readonly port?: number
  readonly controlPort?: number
  /** How often the land side looks for new rows. */
  readonly lookMs?: number
}

export type LandSimulator = Simulator & {
  readonly settings: JsonObject
  /** URL of the gateway's role, through the relay that `down` closes; the adapter's secret. */
  readonly databaseUrl: string
}

const unit = 'zhengqiao'

type Registry = {
  readonly options: LandOptions
  readonly pool: pg.Pool
  readonly city: SimulatedCity
  readonly mood: () => Mood
  readonly count: (operation: string) => void
  readonly stop: AbortController
  readonly answering: Set<Promise<void>>
}

/**
 * The land side of the front-end database: creates the tables and the gateway's role in a real database,
 * lets the gateway in through a relay on loopback, and works the query rows.
 */
export const startLandSimulator = async (options: LandOptions): Promise<LandSimulator> => {
  const pool = new pg.Pool({ connectionString: options.ownerUrl, max: 4 })
  pool.on('error', () => undefined)
  const access = await prepareFrontend(pool, options.random)
  const relay = await startRelay(options.ownerUrl, options.port ?? 0)
  const frame = await startSimulatorFrame({
    ...(options.controlPort === undefined ? {} : { controlPort: options.controlPort }),
    onMood: async ({ act }) => {
      if (act === 'down') await relay.close()
      else await relay.open()
      if (act === 'up') await setRolePassword(pool, access.role, access.password)
    },
    onRotate: async () => {
      await setRolePassword(pool, access.role, Buffer.from(options.random(12)).toString('hex'))
      await relay.close()
      await relay.open()
    },
  })
  const registry: Registry = {
    options,
    pool,
    city: loadSimulatedCity(options.hallId, options.subjects, options.rows),
    mood: frame.mood,
    count: frame.count,
    stop: new AbortController(),
    answering: new Set(),
  }
  setMaxListeners(0, registry.stop.signal)
  const working = work(registry)
  const { role, password, database } = access
  const databaseUrl = `postgresql://${role}:${password}@127.0.0.1:${String(relay.port)}/${database}?sslmode=disable`
  return {
    url: `postgresql://127.0.0.1:${String(relay.port)}/${database}`,
    databaseUrl,
    controlUrl: frame.controlUrl,
    settings: { unit },
    calls: frame.calls,
    close: async () => {
      registry.stop.abort()
      await working
      await Promise.allSettled([...registry.answering])
      await Promise.all([relay.close(), frame.close()])
      await dropRole(pool, role).finally(() => pool.end())
    },
  }
}

/** Takes new rows until it is stopped. `hang` leaves them lying, as a stuck job does. */
const work = async (registry: Registry): Promise<void> => {
  const { stop, options, mood } = registry
  while (!stop.signal.aborted) {
    if (!['hang', 'down'].includes(mood().act)) await takeRows(registry).catch(() => undefined)
    await delay(options.lookMs ?? 40, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

const takeRows = async (registry: Registry): Promise<void> => {
  const { rows } = await registry.pool.query<AskedRow>(
    `update cxsq set zt = 1 where sqid in (
       select sqid from cxsq where zt = 0 order by sqsj limit 50 for update skip locked)
     returning sqid, dwdm, jkbm, qlrmc, zjh`,
  )
  for (const row of rows) {
    registry.count(row.jkbm)
    const answering = answerLater(registry, row)
      .catch(() => undefined)
      .finally(() => registry.answering.delete(answering))
    registry.answering.add(answering)
  }
}

const answerLater = async (registry: Registry, row: AskedRow): Promise<void> => {
  const { pool, city, stop } = registry
  const mood = moodToward(registry.mood(), row, city)
  if (mood.act === 'hang') return
  if (mood.ms > 0) await delay(mood.ms, undefined, { signal: stop.signal })
  const answers = answerQuery(city, row, mood)
  for (const { xh, zs, jglx, nr } of answers)
    await pool.query('insert into cxjg (sqid, dwdm, xh, zs, jglx, nr) values ($1,$2,$3,$4,$5,$6)', [
      row.sqid,
      row.dwdm,
      xh,
      zs,
      jglx,
      nr,
    ])
  await pool.query('update cxsq set zt = 2 where sqid = $1 and zt = 1', [row.sqid])
}

const moodToward = (mood: Mood, { zjh }: AskedRow, city: SimulatedCity): Mood => {
  const act = zjh === null ? undefined : city.actOn(zjh)
  if (mood.act !== 'up' || act === undefined || act.act === 'lossy_name') return mood
  return { ...mood, act: act.act === 'delay' ? 'late' : act.act, ms: act.ms ?? 0 }
}
