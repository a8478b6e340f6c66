import { randomBytes } from 'node:crypto'
import { createAccessDirectory } from './access/access-directory.ts'
import type { OnboardingDeps } from './access/onboarding-deps.ts'
import { accessEndpoints } from './access/routes.ts'
import type { HallDesk } from './cases/hall-desk.ts'
import { caseEndpoints } from './cases/routes.ts'
import { catalogueEndpoints } from './catalogue/routes.ts'
import { type Config, dataFolder, type GatewayFile } from './config.ts'
import { type Clock, cityDateOf } from './contract/clock.ts'
import type { Endpoint } from './contract/endpoint.ts'
import { openAlgorithms } from './crypto/algorithms.ts'
import { loadOwnSigner } from './crypto/load-own-signer.ts'
import { createRandomPool } from './crypto/random-pool.ts'
import { measureHalls } from './halls/hall-metrics.ts'
import { hallEndpoints } from './halls/routes.ts'
import { createApp } from './http/create-app.ts'
import { docsRoutes } from './http/docs/docs-routes.ts'
import { readExamples } from './http/docs/examples.ts'
import { readinessOf } from './http/health-routes.ts'
import type { Siblings } from './wiring/siblings.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { listen } from './http/listen.ts'
import { openApiRoute } from './http/openapi-route.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { ledgerEndpoints } from './ledger/routes.ts'
import { stockEndpoints } from './stock/routes.ts'
import { loadDataKeys } from './store/data-keys.ts'
import type { Tx } from './store/in-transaction.ts'
import { requireProfile } from './store/profile-store.ts'
import { readKeyFile } from './store/key-file.ts'
import { requireEnvironment } from './store/environment-store.ts'
import { openStore } from './store/open-store.ts'
import { runMigrations } from './store/run-migrations.ts'
import type { StockDeps } from './stock/stock-deps.ts'
import { startBackgroundWork } from './wiring/background-work.ts'
import { caseDeps } from './wiring/case-deps.ts'
import { environmentOfMode } from './wiring/environment-of-mode.ts'
import { filedActsOf } from './wiring/filed-acts.ts'
import type { House } from './wiring/house.ts'
import { hallDesk } from './wiring/hall-desk.ts'
import { type HallRoom, openHallRoom } from './wiring/open-hall-room.ts'
import { openLogger } from './wiring/open-logger.ts'
import { loadNoteSigners } from './crypto/load-note-signers.ts'
import { onboardingDeps } from './wiring/onboarding-deps.ts'
import { openRoutesOf, probesOf } from './wiring/open-routes.ts'
import { stockDeps } from './wiring/stock-deps.ts'
import { verificationDeps } from './wiring/verification-deps.ts'
import { verificationEndpoints } from './verification/routes.ts'

export type RunningGateway = {
  readonly url: string
  /** Lets answers under way leave, files what is owed, frees the database. */
  readonly close: () => Promise<void>
}

export type GatewayPaths = {
  readonly migrationsDir: string
  /** Recorded exchanges for /docs; it may be missing. */
  readonly examplesFile?: string
  /** How a sandbox's magic subjects behave; only a sandbox reads it. */
  readonly magicSubjectsFile?: string
  /** Other processes of this gateway behind the same port. */
  readonly siblings?: Siblings
}

const graceMs = 10_000

/**
 * Starts the gateway of a set-up data folder: database and migrations, keys, ledger (recovered before
 * anything is answered), pipeline, background work, server.
 * @throws StoreError, ConfigError or the error of a taken port; nothing stays behind then
 */
export const startGateway = async (
  config: Config,
  gateway: GatewayFile,
  paths: GatewayPaths,
): Promise<RunningGateway> => {
  const algorithms = await openAlgorithms(gateway.profile, randomBytes)
  const { logger, close: closeLogger } = openLogger(config.logLevel)
  const { databaseUrl, dataDir } = config
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl }, {
    connectionsMax: config.databaseConnectionsMax,
    onConnectionLost: () => {
      logger.warn('database connection lost')
    },
  })
  try {
    await requireProfile(store, gateway.profile)
    await runMigrations(store, paths.migrationsDir, algorithms.digestName)
    await requireEnvironment(store.db, gateway.mode)
    const running = await openHouse({ config, gateway, algorithms, logger, store }, paths)
    return { url: running.url, close: () => running.close().finally(closeLogger) }
  } catch (error) {
    await store.close()
    closeLogger()
    throw error
  }
}

const openHouse = async (
  built: Pick<House, 'config' | 'gateway' | 'algorithms' | 'logger' | 'store'>,
  paths: GatewayPaths,
): Promise<RunningGateway> => {
  const { config, gateway, algorithms, logger, store } = built
  const folder = dataFolder(config.dataDir)
  const clock = clockOf(config)
  const { gm } = algorithms
  const keys = loadDataKeys(await readKeyFile(folder.dataKeys), algorithms.atRest)
  const pooledRandom = createRandomPool()
  const ledger = await openLedger({
    store,
    keys,
    noteSigners: await loadNoteSigners(folder, gateway.name, algorithms),
    signatures: gm.signatures,
    digestName: algorithms.digestName,
    gateway: gateway.name,
    clock,
    random: pooledRandom,
    onFault: (error) => {
      logger.error(
        { fault: error instanceof Error ? error.name : 'unknown' },
        'ledger cannot write',
      )
    },
  })
  try {
    const directory = createAccessDirectory({
      db: store.db,
      nowMs: () => clock.now().getTime(),
      environment: environmentOfMode(gateway.mode),
    })
    const elapsedMs = (): number => performance.now()
    const opened = {
      folder,
      clock,
      elapsedMs,
      keys,
      randomBytes: pooledRandom,
      ledger,
      directory,
      gm,
      magicSubjectsFile: paths.magicSubjectsFile,
    }
    return await serve({ ...built, ...opened }, paths)
  } catch (error) {
    await ledger.close()
    throw error
  }
}

const serve = async (house: House, paths: GatewayPaths): Promise<RunningGateway> => {
  const halls = await openHallRoom(house)
  try {
    return await serveWith(house, halls, paths)
  } catch (error) {
    await halls.close()
    throw error
  }
}

const serveWith = async (
  house: House,
  halls: HallRoom,
  { examplesFile, siblings }: GatewayPaths,
): Promise<RunningGateway> => {
  const { config, gateway, clock, logger, store, ledger } = house
  const attestation = await attestationOf(house)
  const stock = await stockDeps(house)
  const onboarding = await onboardingDeps(house)
  const desk = hallDesk(house, halls, attestation)
  const endpoints = endpointsOf(house, { stock, onboarding, halls, desk })
  const metrics = metricsOf(house, halls, siblings)
  const probes = probesOf(house)
  siblings?.answerWith({ metrics: metrics.report, readiness: () => readinessOf(probes) })
  const openRoutes = [...(await openRoutesOf(house, probes, siblings)), metrics.route]
  const source = { endpoints, openRoutes, publicUrl: gateway.publicUrl, version: 'v1' }
  const docs = docsRoutes(source, await examplesIn(examplesFile))
  const stopping = new AbortController()
  const app = createApp({
    stopping: stopping.signal,
    endpoints,
    openRoutes: [...openRoutes, openApiRoute(source), ...docs],
    observe: metrics.observe,
    filedActs: filedActsOf(house),
    publicUrl: gateway.publicUrl,
    store,
    directory: house.directory,
    ledger,
    dataKeys: house.keys,
    clock,
    randomBytes: house.randomBytes,
    logger,
    limits: { skewSeconds: config.skewMs / 1000 },
    digestName: house.algorithms.digestName,
    verifiers: house.gm.signatures.verifiers ?? new Map(),
  })
  const server = await listen(app, { host: config.host, port: config.port, logger })
  const stopWork = await startBackgroundWork(house, { app, stock })
  return {
    url: `http://${config.host}:${String(server.port)}`,
    close: async () => {
      stopping.abort()
      await server.close(graceMs)
      await halls.close()
      await stopWork()
      await ledger.close()
      await store.close()
    },
  }
}

const attestationOf = ({ algorithms, folder }: House): ReturnType<typeof loadOwnSigner> =>
  loadOwnSigner(algorithms, folder.attestationKey, folder.attestationChain)

const examplesIn = (file: string | undefined): ReturnType<typeof readExamples> =>
  file === undefined ? Promise.resolve([]) : readExamples(file)

const metricsOf = (
  { ledger, store }: House,
  { dispatcher }: HallRoom,
  siblings: Siblings | undefined,
): Metrics =>
  createMetrics({
    elsewhere: siblings && (() => siblings.ask('metrics')),
    ledger: () => ledger.health(),
    pool: store.pool,
    halls: () => measureHalls(dispatcher.states()),
  })

type Rooms = {
  readonly stock: StockDeps
  readonly onboarding: OnboardingDeps
  readonly halls: HallRoom
  readonly desk: HallDesk | undefined
}

const endpointsOf = (
  house: House,
  { stock, onboarding, halls, desk }: Rooms,
): readonly Endpoint<Tx>[] => [
  ...stockEndpoints(stock),
  ...catalogueEndpoints({ db: house.store.db, clock: house.clock }),
  ...caseEndpoints(caseDeps(house, desk)),
  ...hallEndpoints(halls),
  ...ledgerEndpoints({ db: house.store.db, keys: house.keys }),
  ...accessEndpoints(onboarding),
  ...verificationEndpoints(verificationDeps(house)),
]

const clockOf = ({ cityDate }: Config): Clock => ({
  now: () => new Date(),
  cityDate: () => cityDate ?? cityDateOf(new Date()),
})
