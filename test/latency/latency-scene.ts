import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { type BenchCity, benchItem, openBenchCity } from '../../src/cli/bench/bench-city.ts'
import { startGatewayProcess } from '../../src/cli/bench/gateway-process.ts'
import { benchHolders, ensureRealLicences } from '../../src/cli/bench/real-licences.ts'
import { realIo } from '../../src/cli/io.ts'
import { createGatewayClient, type GatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { loadDataKeys } from '../../src/store/data-keys.ts'
import { readKeyFile } from '../../src/store/key-file.ts'
import { openStore } from '../../src/store/open-store.ts'

const registered = z.object({ caseId: z.string() })

export type OwnedCase = { readonly caseId: string; readonly receiptNo: string }

/** A city with two clerk systems, their cases and a few hundred licences, served by one gateway. */
export type LatencyScene = {
  readonly clerk: GatewayClient
  /** Cases of the clerk who asks, and of another. */
  readonly own: readonly OwnedCase[]
  readonly foreign: readonly OwnedCase[]
  /** Licences of people who are in none of the clerk's cases. */
  readonly foreignLicences: readonly string[]
  readonly close: () => Promise<void>
}

const casesEach = 60
const holders = benchHolders(400)

/** Sets everything up in a throw-away folder. */
export const openLatencyScene = async (say: (line: string) => void): Promise<LatencyScene> => {
  const io = realIo()
  const options = { rounds: 1, licences: 0, scale: 1, only: undefined, folder: undefined }
  const city = await openBenchCity({ ...options, profileDir: undefined, say, io })
  const foreignLicences = await fillLicences(city)
  const port = Number(new URL(city.publicUrl).port)
  const start = { dataDir: city.config.dataDir, port, env: io.env, profileDir: undefined }
  const gateway = await startGatewayProcess(start)
  const registrar = await clientOf(city, city.registrars[0] ?? '')
  const register = (operatorId: string, first: number) =>
    registerCases(registrar, operatorId, first)
  const [asking, other] = city.operators
  if (asking === undefined || other === undefined) throw new RangeError('no operators')
  const own = await register(asking.operatorId, 0)
  const foreign = await register(other.operatorId, casesEach)
  const otherClerk = await clientOf(city, other.clientId, other.operatorId)
  return {
    clerk: await clientOf(city, asking.clientId, asking.operatorId),
    own,
    foreign: await withReceipts(otherClerk, foreign),
    foreignLicences,
    close: async () => {
      await gateway.stop()
      await city.remove()
    },
  }
}

const fillLicences = async (city: BenchCity): Promise<readonly string[]> => {
  const { databaseUrl, dataDir } = city.config
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    const dataKeys = loadDataKeys(await readKeyFile(city.folder.dataKeys))
    await ensureRealLicences(store, city, { dataKeys, holders, now: new Date(), randomBytes })
    const { rows } = await store.pool.query<{ id: string }>(
      'select licence_id as id from licence order by licence_id',
    )
    return rows.map(({ id }) => id).slice(2 * casesEach)
  } finally {
    await store.close()
  }
}

const clientOf = async (city: BenchCity, clientId: string, operatorId?: string) =>
  createGatewayClient({
    publicUrl: city.publicUrl,
    key: await readKeyFolder(join(city.folder.clients, clientId)),
    now: () => new Date(),
    randomBytes,
    ...(operatorId === undefined ? {} : { operatorId }),
  })

const registerCases = async (
  registrar: GatewayClient,
  operatorId: string,
  first: number,
): Promise<readonly OwnedCase[]> => {
  const cases: OwnedCase[] = []
  for (const [at, subject] of holders.slice(first, first + casesEach).entries()) {
    const body = {
      caseNo: `L-${String(first + at)}`,
      itemCode: benchItem.itemCode,
      channel: 'hall',
      subject,
      operator: { id: operatorId, name: '压测经办人' },
    }
    const key = { idempotencyKey: randomBytes(16).toString('hex') }
    const { data } = await registrar.request('POST', '/v1/cases', body, key)
    cases.push({ caseId: registered.parse(data).caseId, receiptNo: '' })
  }
  return cases
}

/** Receipts that the other clerk earned by reading its own cases. */
const withReceipts = async (client: GatewayClient, cases: readonly OwnedCase[]) => {
  const found: OwnedCase[] = []
  for (const { caseId } of cases) {
    const { receipt } = await client.request('GET', `/v1/cases/${caseId}`)
    found.push({ caseId, receiptNo: z.string().parse(receipt?.['no']) })
  }
  return found
}

export const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
