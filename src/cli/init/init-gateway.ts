import { mkdir, stat } from 'node:fs/promises'
import { importAccess } from '../../access/import-access.ts'
import { registerCertificate } from '../../access/register-certificate.ts'
import type { CatalogueFile } from '../../catalogue/parse-catalogue.ts'
import { saveCatalogue } from '../../catalogue/save-catalogue.ts'
import { type Config, type DataFolder, dataFolder, type GatewayFile } from '../../config.ts'
import { type Algorithms, openAlgorithms } from '../../crypto/algorithms.ts'
import { asId, type CertificateId } from '../../contract/ids.ts'
import type { RandomBytes } from '../../contract/uuid.ts'
import { registerSigningCertificate } from '../../licences/signing-certificate-store.ts'
import { createDataKeys, loadDataKeys } from '../../store/data-keys.ts'
import { requireEnvironment } from '../../store/environment-store.ts'
import { inTransaction, type Tx } from '../../store/in-transaction.ts'
import { createKeyFile, readKeyFile } from '../../store/key-file.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { requireProfile, storeProfile } from '../../store/profile-store.ts'
import { runMigrations } from '../../store/run-migrations.ts'
import type { CityFile } from './city-file.ts'
import { writePublic } from './write-whole.ts'
import { makeAuthority } from './make-authority.ts'
import {
  type AlgorithmOf,
  type IssuedClient,
  type IssuedSigner,
  makeClientKeys,
  makeGatewayKeys,
  makeSigningKeys,
} from './make-key-files.ts'
import { migrationsDir } from '../package-root.ts'

export type InitInput = {
  readonly config: Config
  readonly gateway: GatewayFile
  readonly city: CityFile
  readonly catalogue: CatalogueFile
  readonly now: Date
  readonly randomBytes: RandomBytes
}

export type InitSummary = {
  readonly organisations: number
  readonly clients: number
  readonly operators: number
  readonly grants: number
  readonly types: number
  readonly items: number
}

/** The data folder has been set up before. */
export class AlreadyInitialised extends Error {
  override readonly name = 'AlreadyInitialised'
}

/**
 * Sets a data folder up: development CA with CRLs, note key, attestation key, data keys, one key for
 * every client and signer of the city, and the city in the database. `gateway.json` is written last: a
 * folder without it is set up again from the start; data keys that exist are kept.
 * @throws AlreadyInitialised
 */
export const initGateway = async (input: InitInput): Promise<InitSummary> => {
  const folder = dataFolder(input.config.dataDir)
  if (await exists(folder.gatewayFile)) throw new AlreadyInitialised(folder.root)
  // Open to others, unlike its key folders: the embedded database's account must get through.
  await mkdir(folder.root, { recursive: true, mode: 0o755 })
  const algorithms = await openAlgorithms(input.gateway.profile, input.randomBytes)
  const algOf = algorithmChooser(algorithms, input.city)
  const { sm2 } = algorithms.gm
  const making = { now: input.now, random: input.randomBytes, sm2 }
  const authority = await makeAuthority(folder, algorithms.signing, making)
  await makeGatewayKeys(folder, authority, { gateway: input.gateway, algorithms })
  const environment = input.gateway.mode === 'sandbox' ? 'sandbox' : 'live'
  const clients = await makeClientKeys(folder, authority, {
    city: input.city,
    environment,
    algOf,
  })
  const signers = await makeSigningKeys(folder, authority, {
    city: input.city,
    clients,
    publicUrl: input.gateway.publicUrl,
    algOf,
  })
  const summary = await fillDatabase({ ...input, algorithms }, folder, { clients, signers })
  await writePublic(folder.gatewayFile, `${JSON.stringify(input.gateway, null, 2)}\n`)
  return summary
}

/** What the profile makes first, except where the city file asks for SM2. */
const algorithmChooser = ({ signing }: Algorithms, { sm2 }: CityFile): AlgorithmOf => {
  const [first] = signing
  return (organisationId) => (sm2.includes(organisationId) ? 'SM2-SM3' : first)
}

const fillDatabase = async (
  {
    config,
    gateway,
    city,
    catalogue,
    now,
    randomBytes,
    algorithms,
  }: InitInput & {
    readonly algorithms: Algorithms
  },
  folder: DataFolder,
  keys: { readonly clients: readonly IssuedClient[]; readonly signers: readonly IssuedSigner[] },
): Promise<InitSummary> => {
  if (!(await exists(folder.dataKeys))) {
    await createKeyFile(folder.dataKeys, createDataKeys(randomBytes))
  }
  const dataKeys = loadDataKeys(await readKeyFile(folder.dataKeys), algorithms.atRest)
  const typeCodes = new Map(catalogue.licenceTypes.map((type) => [type.shortCode, type.typeCode]))
  return withStore(config, algorithms, (store) =>
    inTransaction(store, async (tx) => {
      await requireEnvironment(tx, gateway.mode)
      await storeProfile(tx, algorithms.profile)
      const saved = await saveCatalogue(tx, catalogue, now)
      const deps = {
        keys: dataKeys,
        randomBytes,
        now,
        typeCodeOf: (shortCode: string) => typeCodes.get(shortCode),
        importedBy: asId<never>('init'),
      }
      const access = await importAccess(deps, tx, city)
      for (const { clientId, certificate } of keys.clients) {
        await registerCertificate(tx, { clientId: asId(clientId), der: certificate, now })
      }
      for (const signer of keys.signers) await registerSigner(tx, signer, now)
      return { ...access, types: saved.typesAdded, items: saved.itemsAdded }
    }),
  )
}

const registerSigner = (tx: Tx, signer: IssuedSigner, now: Date): Promise<CertificateId> =>
  registerSigningCertificate(
    tx,
    {
      issuerCode: asId(signer.issuerCode),
      alg: signer.leaf.alg,
      chain: signer.leaf.chain,
      keyCustody: signer.keyCustody,
      signerUrl: signer.signerUrl,
      notAfter: signer.leaf.notAfter,
    },
    now,
  )

const withStore = async <Result>(
  { databaseUrl, dataDir }: Config,
  { profile, digestName }: Algorithms,
  use: (store: Store) => Promise<Result>,
): Promise<Result> => {
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    await requireProfile(store, profile)
    await runMigrations(store, migrationsDir, digestName)
    return await use(store)
  } finally {
    await store.close()
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
