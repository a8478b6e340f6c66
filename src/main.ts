import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { type AccessDirectory, createAccessDirectory } from './access/access-directory.ts'
import { findOrganisationByUscc } from './access/organisation-store.ts'
import { findCase } from './cases/case-store.ts'
import { listFetchedMaterials } from './cases/fetch-store.ts'
import { type CaseDeps, caseEndpoints } from './cases/routes.ts'
import { grantsForVersion } from './access/grant.ts'
import { createCatalogueDirectory } from './catalogue/catalogue-directory.ts'
import { catalogueEndpoints } from './catalogue/routes.ts'
import { type Config, type DataFolder, dataFolder, type GatewayFile } from './config.ts'
import { type Clock, cityDateOf } from './contract/clock.ts'
import type { Endpoint } from './contract/endpoint.ts'
import { loadNoteSigner } from './crypto/sign-note.ts'
import { loadSignerFiles } from './crypto/load-signer-folder.ts'
import type { Signer } from './crypto/signer.ts'
import { createApp, type App } from './http/create-app.ts'
import { healthRoutes } from './http/health-routes.ts'
import { jwksRoute } from './http/jwks-route.ts'
import { listen } from './http/listen.ts'
import type { OpenRoute } from './http/open-route.ts'
import { openApiRoute } from './http/openapi-route.ts'
import { fileRefusalSummaries } from './http/refusal-tally.ts'
import { agreesWithPaper } from './licences/agrees-with-paper.ts'
import { findLicences, findReleasedLicence } from './licences/licence-store.ts'
import { numberTailOf, type PresentDeps, presentLicence } from './licences/present-licence.ts'
import { findSigningCertificate } from './licences/signing-certificate-store.ts'
import { fileOwnDeed } from './ledger/file-own-deed.ts'
import { openLedger, type Ledger } from './ledger/open-ledger.ts'
import { ledgerEndpoints } from './ledger/routes.ts'
import { loadDataKeys, type DataKeys } from './store/data-keys.ts'
import type { Tx } from './store/in-transaction.ts'
import { readKeyFile } from './store/key-file.ts'
import { openStore, type Store } from './store/open-store.ts'
import { runMigrations } from './store/run-migrations.ts'
import { createJobs } from './stock/jobs.ts'
import { stockEndpoints } from './stock/routes.ts'
import type { StockDeps } from './stock/stock-deps.ts'
import { resumeBatches } from './stock/work-on-batch.ts'
import { requestSignatures } from './client/request-signatures.ts'
import { encodeBase64Url } from './crypto/base64url.ts'
import { digest } from './crypto/digest.ts'

export type RunningGateway = {
  readonly url: string
  /** Lets answers under way leave, files what is owed, frees the database. */
  readonly close: () => Promise<void>
}

export type GatewayPaths = { readonly migrationsDir: string }

const graceMs = 10_000
const summariesEveryMs = 60_000
const purgeEveryMs = 60_000
const resumeEveryMs = 30_000

/** Everything that rooms are wired with. */
type House = {
  readonly config: Config
  readonly gateway: GatewayFile
  readonly folder: DataFolder
  readonly clock: Clock
  readonly logger: Logger
  readonly store: Store
  readonly keys: DataKeys
  readonly ledger: Ledger
  readonly directory: AccessDirectory
}

/**
 * Starts the gateway of a set-up data folder: database and migrations, keys, ledger (recovered before
 * anything is answered), pipeline, background work, server.
 * @throws StoreError, ConfigError or the error of a taken port; nothing stays behind then
 */
export const startGateway = async (
  config: Config,
  gateway: GatewayFile,
  { migrationsDir }: GatewayPaths,
): Promise<RunningGateway> => {
  const logger = pino({ level: config.logLevel, base: null })
  const { databaseUrl, dataDir } = config
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl }, {
    connectionsMax: config.databaseConnectionsMax,
    onConnectionLost: () => {
      logger.warn('database connection lost')
    },
  })
  try {
    await runMigrations(store, migrationsDir)
    return await openHouse({ config, gateway, logger, store })
  } catch (error) {
    await store.close()
    throw error
  }
}

const openHouse = async (
  built: Pick<House, 'config' | 'gateway' | 'logger' | 'store'>,
): Promise<RunningGateway> => {
  const { config, gateway, logger, store } = built
  const folder = dataFolder(config.dataDir)
  const clock = clockOf(config)
  const keys = loadDataKeys(await readKeyFile(folder.dataKeys))
  const ledger = await openLedger({
    store,
    keys,
    noteSigners: [loadNoteSigner(gateway.name, await readFile(folder.noteKey, 'utf8'))],
    gateway: gateway.name,
    clock,
    random: randomBytes,
    onFault: (error) => {
      logger.error(
        { fault: error instanceof Error ? error.name : 'unknown' },
        'ledger cannot write',
      )
    },
  })
  try {
    const directory = createAccessDirectory({ db: store.db, nowMs: () => clock.now().getTime() })
    return await serve({ ...built, folder, clock, keys, ledger, directory })
  } catch (error) {
    await ledger.close()
    throw error
  }
}

const serve = async (house: House): Promise<RunningGateway> => {
  const { config, gateway, clock, logger, store, ledger } = house
  const stock = await stockDeps(house)
  const endpoints = endpointsOf(house, stock)
  const openRoutes = await openRoutesOf(house)
  const source = { endpoints, openRoutes, publicUrl: gateway.publicUrl, version: 'v1' }
  const app = createApp({
    endpoints,
    openRoutes: [...openRoutes, openApiRoute(source)],
    publicUrl: gateway.publicUrl,
    store,
    directory: house.directory,
    ledger,
    dataKeys: house.keys,
    clock,
    randomBytes,
    logger,
    limits: { skewSeconds: config.skewMs / 1000 },
  })
  const server = await listen(app, { host: config.host, port: config.port, logger })
  const stopWork = await startBackgroundWork(house, { app, stock })
  return {
    url: `http://${config.host}:${String(server.port)}`,
    close: async () => {
      await server.close(graceMs)
      await stopWork()
      await ledger.close()
      await store.close()
    },
  }
}

const endpointsOf = (house: House, stock: StockDeps): readonly Endpoint<Tx>[] => [
  ...stockEndpoints(stock),
  ...catalogueEndpoints({ db: house.store.db, clock: house.clock }),
  ...caseEndpoints(caseDeps(house)),
  ...ledgerEndpoints({ db: house.store.db, keys: house.keys }),
]

const caseDeps = ({ store: { db }, keys, clock, directory, gateway }: House): CaseDeps => {
  const catalogue = createCatalogueDirectory(db, () => clock.now().getTime())
  const licences: PresentDeps = {
    base: gateway.publicUrl,
    keys,
    findReleased: (licenceId) => findReleasedLicence(db, licenceId),
    findCertificate: (certificateId) => findSigningCertificate(db, certificateId),
  }
  const findGrants: CaseDeps['findGrants'] = async (clientId, item) =>
    grantsForVersion(await directory.grants(clientId, item.code), item.version)
  return {
    db,
    keys,
    clock,
    randomBytes,
    ...catalogue,
    findCase: (caseId) => findCase(db, keys, caseId),
    listFetched: (caseId) => listFetchedMaterials(db, caseId),
    findGrants,
    findLicences: (queries) => findLicences(db, keys, queries),
    agreesWith: async ({ licenceId, typeCode }, paper) => {
      const { fields } = await catalogue.getType(typeCode)
      const addressKeys = fields.filter(({ type }) => type === 'address').map(({ key }) => key)
      const shown = await presentLicence(licences, licenceId, ['number', ...addressKeys])
      return agreesWithPaper(shown.fields, addressKeys, paper)
    },
    presentLicence: (licenceId, fields) => presentLicence(licences, licenceId, fields),
    numberTailOf: (licenceId) => numberTailOf(licences, licenceId),
    findOperatorClient: async (operatorId) => {
      const operator = await directory.operator(operatorId)
      return operator?.clientId === undefined
        ? undefined
        : { clientId: operator.clientId, suspended: operator.suspended }
    },
    grantedTypes: async (clientId, item) =>
      (await findGrants(clientId, item)).map(({ typeCode }) => typeCode),
  }
}

const openRoutesOf = async ({ folder, ledger, store }: House): Promise<readonly OpenRoute[]> => [
  ...healthRoutes([
    {
      name: 'database',
      meansZh: '数据库:应答查询;失败时查看数据库进程、磁盘和 DATABASE_URL',
      check: async () => (await store.pool.query('select 1')).rowCount === 1,
    },
    {
      name: 'ledger',
      meansZh: '用证记录:可写;失败时网关不提供任何证照内容,数据库恢复后自动恢复',
      check: () => ledger.probe(),
    },
  ]),
  jwksRoute([await loadSignerFiles(folder.attestationKey, folder.attestationChain)]),
  logRoute(ledger),
]

const logRoute = (ledger: Ledger): OpenRoute => ({
  method: 'GET',
  path: '/log/:gateway/:node/:path{.+}',
  summaryZh: '用证记录的公开哈希(C2SP tlog-tiles),不含个人信息',
  answer: async ({ gateway = '', node = '', path = '' }) => {
    const found = await ledger.resource(`${gateway}/${node}`, path)
    if (found === undefined) return undefined
    const cacheControl = found.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
    const body = new Uint8Array(found.bytes)
    return { status: 200, contentType: found.contentType, body, cacheControl }
  },
})

const clockOf = ({ cityDate }: Config): Clock => ({
  now: () => new Date(),
  cityDate: () => cityDate ?? cityDateOf(new Date()),
})

/** Answers a function that stops the work and files what is owed. */
const startBackgroundWork = async (
  { ledger, clock, logger }: House,
  { app, stock }: { readonly app: App; readonly stock: StockDeps },
): Promise<() => Promise<void>> => {
  const fileSummaries = (): Promise<void> =>
    fileRefusalSummaries({ ledger, clock, randomBytes }, app.refusals)
  const report = (error: unknown): void => {
    logger.error(
      { fault: error instanceof Error ? error.name : 'unknown' },
      'background work failed',
    )
  }
  const timers = [
    setInterval(() => {
      fileSummaries().catch(report)
    }, summariesEveryMs),
    setInterval(() => {
      ledger.purgeNonces().catch(report)
    }, purgeEveryMs),
    setInterval(() => {
      resumeBatches(stock).catch(report)
    }, resumeEveryMs),
  ]
  await resumeBatches(stock)
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await stock.jobs.stop()
    await fileSummaries().catch(report)
  }
}

const stockDeps = async (house: House): Promise<StockDeps> => {
  const { store, keys, clock, gateway, folder, logger } = house
  const custody = await loadCustody(folder.custody)
  return {
    store,
    keys,
    clock,
    randomBytes,
    base: gateway.publicUrl,
    findDepartment: async (uscc) => findOrganisationByUscc(store.db, uscc),
    jobs: createJobs({
      onError: (name, error) => {
        logger.error(
          { job: name, fault: error instanceof Error ? error.name : 'unknown' },
          'job failed',
        )
      },
    }),
    fileEvent: (tx, deed) =>
      fileOwnDeed({ ledger: house.ledger, db: store.db, clock, random: randomBytes }, tx, deed),
    custodySigner: (certificateId) => custody.get(certificateId),
    requestSignatures,
  }
}

/** The keys of departments that run no signer, by certificate id. */
const loadCustody = async (dir: string): Promise<ReadonlyMap<string, Signer>> => {
  const folders = await readdir(dir).catch(() => [])
  const signers = await Promise.all(
    folders.map((name) =>
      loadSignerFiles(join(dir, name, 'key.pem'), join(dir, name, 'chain.pem')),
    ),
  )
  return new Map(
    signers.flatMap((signer) =>
      signer.chain
        .slice(0, 1)
        .map((leaf) => [encodeBase64Url(digest('sha-256', leaf)), signer] as const),
    ),
  )
}
