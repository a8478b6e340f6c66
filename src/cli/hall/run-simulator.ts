import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import {
  simulatedHallIds,
  type SimulatedHallId,
  type SimulatedHallOptions,
  startSimulatedHall,
} from '../../../adapters/simulated-halls.ts'
import type { Config } from '../../config.ts'
import { cityDateOf } from '../../contract/clock.ts'
import { encodeBase64Url } from '../../crypto/base64url.ts'
import type { SimulatedPaper, SimulatedSubject } from '../../halls/simulated-city.ts'
import { residentIdCheck } from '../../licences/resident-id.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { UsageError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { cityDir } from '../package-root.ts'
import { removeControlFile, simulatorFolder, writeSimulatorFiles } from './simulator-files.ts'

export type SimulatorOrder = {
  readonly hallId: string
  readonly config: Config
  readonly port: number
  readonly controlPort: number
  /** Land only: an empty database whose owner may make roles; else one on the data folder's server. */
  readonly databaseUrl: string | undefined
}

/** Runs one of the demo city's halls until SIGINT or SIGTERM. `said` gets one line when it is ready. */
export const runSimulator = async (
  { hallId, config, port, controlPort, databaseUrl }: SimulatorOrder,
  io: Io,
  said: (facts: Readonly<Record<string, string>>) => void,
): Promise<void> => {
  const known = simulatedHallIds.find((id) => id === hallId)
  if (known === undefined) throw new UsageError(`NAME: ${simulatedHallIds.join(', ')}`)
  const land = known === 'land' ? await openLandDatabase(config, databaseUrl) : undefined
  const hall = await startSimulatedHall(known, {
    ...(await readCity(known)),
    clock: { now: io.now, cityDate: () => config.cityDate ?? cityDateOf(io.now()) },
    random: io.randomBytes,
    secret: encodeBase64Url(io.randomBytes(24)),
    ...(land === undefined ? {} : { ownerUrl: land.url }),
    ...(port === 0 ? {} : { port }),
    ...(controlPort === 0 ? {} : { controlPort }),
  })
  const folder = simulatorFolder(config.dataDir, known)
  const { url, controlUrl } = hall.simulator
  const rowFile = await writeSimulatorFiles(folder, { ...hall, controlUrl })
  said({ hallId: known, url, controlUrl, row: rowFile })
  await io.untilStopped()
  await removeControlFile(folder)
  await hall.simulator.close()
  await land?.close()
}

const subjectsFile = z.object({ subjects: z.array(z.custom<SimulatedSubject>()) })
const stockRow = z.custom<SimulatedPaper>()
const hallOfType = z.array(z.object({ typeCode: z.string(), hall: z.string().nullable() }))
const cityFile = z.object({ operators: z.array(z.object({ id: z.string() })) })

const readJson = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(cityDir, name), 'utf8'))

/** What the hall knows: the papers that the city keeps there, and its part of the generated stock. */
const readCity = async (
  hallId: SimulatedHallId,
): Promise<Pick<SimulatedHallOptions, 'subjects' | 'rows' | 'clerks'>> => {
  const { subjects } = subjectsFile.parse(await readJson('subjects.json'))
  const types = hallOfType.parse(await readJson('licence-types.json'))
  const own = new Set(types.filter(({ hall }) => hall === hallId).map(({ typeCode }) => typeCode))
  const rows: SimulatedPaper[] = []
  const file = createReadStream(join(cityDir, 'stock-clean-2k.ndjson'))
  for await (const line of createInterface({ input: file })) {
    const row = stockRow.parse(JSON.parse(line))
    if (own.has(row.typeCode)) rows.push(row)
  }
  const { operators } = cityFile.parse(await readJson('organisations.json'))
  return { subjects, rows, clerks: Object.fromEntries(operators.map(identityOf)) }
}

/** Clerks of the city have invented identity numbers of the area that is never issued. */
const identityOf = ({ id }: { readonly id: string }, place: number): readonly [string, string] => {
  const body = `37029919900101${String(100 + place).slice(-3)}`
  return [id, `${body}${residentIdCheck(body)}`]
}

type LandDatabase = { readonly url: string; readonly close: () => Promise<void> }

const registryName = 'zhengqiao_land_frontend'

const openLandDatabase = async (
  { dataDir, databaseUrl }: Config,
  given: string | undefined,
): Promise<LandDatabase> => {
  if (given !== undefined) return { url: given, close: () => Promise.resolve() }
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  await createRegistry(store)
  // The URL of a server on a socket has no host, which WHATWG URLs cannot say.
  const url = store.url.replace(/\/[^/?]*(\?|$)/, `/${registryName}$1`)
  return { url, close: store.close }
}

/** A second database, as the department would run one; made anew each time. */
const createRegistry = async ({ pool }: Store): Promise<void> => {
  await pool.query(`drop database if exists ${registryName} with (force)`)
  await pool.query(`create database ${registryName}`)
}
