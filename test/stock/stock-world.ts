import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  findOrganisationByUscc,
  insertOrganisation,
  listUsccsOf,
} from '../../src/access/organisation-store.ts'
import { requestKeyOf, signRequest } from '../../src/client/sign-request.ts'
import { parseCatalogue } from '../../src/catalogue/parse-catalogue.ts'
import { saveCatalogue } from '../../src/catalogue/save-catalogue.ts'
import type { Caller } from '../../src/contract/caller.ts'
import type { Answer, Deed, Json, SignedRequest } from '../../src/contract/endpoint.ts'
import { asId } from '../../src/contract/ids.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import type { Signer, SigningAlgorithm } from '../../src/crypto/signer.ts'
import { loadSigner } from '../../src/crypto/sm2/load-signer.ts'
import { registerSigningCertificate } from '../../src/licences/signing-certificate-store.ts'
import { findBatch } from '../../src/stock/batch-store.ts'
import type { Batch } from '../../src/stock/batch.ts'
import { defaultBlockLimits } from '../../src/stock/cut-blocks.ts'
import { createJobs } from '../../src/stock/jobs.ts'
import { listFindings } from '../../src/stock/finding-store.ts'
import { startPlace } from '../../src/stock/list-errors.ts'
import { openBatch } from '../../src/stock/open-batch.ts'
import { putChunk } from '../../src/stock/put-chunk.ts'
import { requestRelease } from '../../src/stock/request-release.ts'
import { requestValidation } from '../../src/stock/request-validation.ts'
import { rollBackBatch } from '../../src/stock/roll-back-batch.ts'
import type { StockDeps } from '../../src/stock/stock-deps.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import type { Store } from '../../src/store/open-store.ts'
import { issueCertificate, makeRoot, makeSubCa } from '../../src/trust/dev-ca.ts'
import { generateKeyFor } from '../../src/trust/generate-key.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { cityCatalogue } from '../support/city-catalogue.ts'
import { testDataKeys } from '../support/data-keys.ts'

export const base = 'https://gateway.example'
export const cityDate = '2018-11-30'
const now = new Date('2026-11-23T02:00:00Z')
const validity = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2031-01-01T00:00:00Z'),
}

/** The departments that issue licences: short id → unified social credit code, parent. */
export const departments = {
  'social-security': '11370299003700010A',
  police: '113702990037000297',
  'police-traffic': '113702990037000372',
  'police-exit-entry-office': '11370299003700045W',
  land: '11370299003700053P',
  'housing-fund': '11370299003700061J',
  market: '1137029900370007XA',
  'food-drug': '11370299003700088A',
  health: '113702990037000965',
  tobacco: '11370299003700109T',
} as const
export type DepartmentName = keyof typeof departments

/** A steward with a personal key. */
export const steward = (department: DepartmentName, place: number): Caller => ({
  clientId: asId(`${department}-steward-${String(place)}`),
  kind: 'person',
  organisationId: asId(department),
  roles: ['S'],
  certificateId: asId(`certificate-of-${department}-steward-${String(place)}`),
  operatorId: asId(`${department}-steward-${String(place)}`),
  operatorAsserted: false,
})

export type Leaf = {
  readonly chain: readonly Uint8Array[]
  readonly pem: string
  readonly signer: Signer
}

const gm = openPlainGmCrypto()

/** A certificate authority of its own for each test file. */
export const testAuthority = async (alg: SigningAlgorithm = 'ES256') => {
  const rootKey = generateKeyFor(alg, gm.sm2)
  const subject = writeName({ commonName: 'test root' })
  const root = await makeRoot({ subject, key: rootKey.key, validity, random: randomBytes })
  const sub = await makeSubCa({
    issuer: root,
    subject: writeName({ commonName: 'test sub' }),
    key: generateKeyFor(alg, gm.sm2).key,
    validity,
    random: randomBytes,
  })
  const issue = async (
    profile: 'client' | 'licenceSigning',
    uri: string,
    until = validity.notAfter,
  ): Promise<Leaf> => {
    const { key, privateKeyPem } = generateKeyFor(alg, gm.sm2)
    const leaf = await issueCertificate({
      issuer: sub,
      profile,
      subject: writeName({ commonName: uri.slice(-30) }),
      spki: key.spki,
      uri,
      validity: { ...validity, notAfter: until },
      random: randomBytes,
    })
    const chain = [leaf, sub.certificate]
    return { chain, pem: privateKeyPem, signer: loadSigner(gm.sm2, privateKeyPem, chain) }
  }
  return { root, sub, issue }
}

export type StockWorld = Awaited<ReturnType<typeof stockWorld>>

/** A city with catalogue, departments and a signing certificate for each, all in the gateway's custody. */
export const stockWorld = async (store: Store, alg: SigningAlgorithm = 'ES256') => {
  const keys = testDataKeys()
  const authority = await testAuthority(alg)
  const events: Deed[] = []
  const faults: unknown[] = []
  const signers = new Map<string, Signer>()
  const time = { now, cityDate }
  const jobs = createJobs({
    onError: (_, error) => faults.push(error),
    retryMs: { first: 20, most: 20 },
  })
  const deps: StockDeps = {
    store,
    keys,
    clock: { now: () => time.now, cityDate: () => time.cityDate },
    randomBytes,
    base,
    findDepartment: (uscc) => findOrganisationByUscc(store.db, uscc),
    issuersOf: (organisationId) => listUsccsOf(store.db, organisationId),
    judgeSigningChain: () => Promise.resolve(undefined),
    isStewardGood: async () => true,
    jobs,
    fileEvent: async (_, deed) => {
      events.push(deed)
    },
    custodySigner: (certificateId) => signers.get(certificateId),
    requestSignatures: () => {
      throw new Error('no department has a signer of its own')
    },
    signatures: gm.signatures,
    digestName: 'sha-256',
    blockLimits: { ...defaultBlockLimits, blockBytes: 64 * 1024 },
  }
  await inTransaction(store, async (tx) => {
    await saveCatalogue(tx, parseCatalogue(cityCatalogue()), now)
    for (const [name, uscc] of Object.entries(departments)) {
      await insertOrganisation(
        tx,
        {
          organisationId: asId(name),
          nameZh: name,
          uscc: asId(uscc),
          parentId: name.startsWith('police-') ? asId('police') : undefined,
          roles: ['D', 'S'],
          connected: true,
        },
        now,
      )
    }
  })
  /** Gives a department a key in custody, or its own signer at a URL. */
  const certify = async (name: DepartmentName, signerUrl: string | null = null, until?: Date) => {
    const leaf = await authority.issue(
      'licenceSigning',
      `${base}/issuers/${departments[name]}`,
      until,
    )
    const certificateId = await registerSigningCertificate(
      store.db,
      {
        issuerCode: asId(departments[name]),
        alg,
        chain: leaf.chain,
        keyCustody: signerUrl === null ? 'gateway' : 'department',
        signerUrl,
        notAfter: until ?? validity.notAfter,
      },
      new Date(now.getTime() + signers.size),
    )
    signers.set(certificateId, leaf.signer)
    return leaf
  }
  return { store, keys, deps, jobs, events, faults, authority, certify, time, signers }
}

/** A signed request as the pipeline hands it over; the signature is not looked at in custody. */
export const signedRequest = (body: Json): SignedRequest => ({
  signatureBase: '"@method": POST',
  signature: randomBytes(64),
  certificateDer: randomBytes(32),
  bodyBytes: Buffer.from(JSON.stringify(body)),
  bodyDigest: 'sha-256:',
})

export async function* streamOf(text: string, pieceBytes = 10_000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** Opens a batch and pushes its chunks; answers its id. */
export const pushBatch = async (
  { store, deps }: StockWorld,
  caller: Caller,
  issuerCode: string,
  chunks: readonly (readonly string[])[],
): Promise<string> => {
  const opened = await inTransaction(store, (tx) =>
    openBatch(deps, tx, caller, {
      issuerCode: asId(issuerCode),
      format: 'ndjson',
      expectedRows: chunks.flat().length,
      expectedChunks: chunks.length,
    }),
  )
  const batchId = memberOf(opened, 'batchId')
  for (const [at, lines] of chunks.entries()) {
    await inTransaction(store, (tx) =>
      putChunk({ ...deps, blockLimits: deps.blockLimits ?? defaultBlockLimits }, tx, caller, {
        batchId,
        chunk: at + 1,
        stream: streamOf(`${lines.join('\n')}\n`),
      }),
    )
  }
  return batchId
}

/** Pushes and validates; answers the batch as it then stands. */
export const validated = async (
  world: StockWorld,
  caller: Caller,
  issuerCode: string,
  chunks: readonly (readonly string[])[],
): Promise<Batch> => {
  const batchId = await pushBatch(world, caller, issuerCode, chunks)
  await inTransaction(world.store, (tx) => requestValidation(world.deps, tx, caller, batchId))
  await world.jobs.idle()
  return batchIn(world, batchId)
}

/** Orders the release of a validated batch as it stands. */
export const orderRelease = (
  world: StockWorld,
  caller: Caller,
  batch: Batch,
  signed: SignedRequest = signedRequest(releaseBodyOf(batch)),
): Promise<Answer> =>
  inTransaction(world.store, (tx) =>
    requestRelease(world.deps, tx, caller, {
      batchId: batch.batchId,
      body: releaseBodyOf(batch),
      signed,
    }),
  )

export const releaseBodyOf = (batch: Batch) => ({
  root: Buffer.from(batch.root ?? []).toString('base64url'),
  rows: batch.counts?.valid ?? 0,
})

/** The release request as a steward's own client signs it. */
export const signedRelease = async (
  leaf: Leaf,
  batchId: string,
  body: Json,
  at: Date = now,
): Promise<SignedRequest> => {
  const bodyBytes = Buffer.from(JSON.stringify(body))
  const request = await signRequest(
    { key: requestKeyOf(leaf.signer), now: at, randomBytes },
    {
      method: 'POST',
      url: `${base}/v1/batches/${batchId}/release`,
      body: bodyBytes,
      idempotencyKey: `release-${batchId}`,
    },
  )
  const signature = /^sig1=:(.*):$/.exec(request.headers['signature'] ?? '')?.[1] ?? ''
  return {
    signatureBase: request.signatureBase,
    signature: Buffer.from(signature, 'base64'),
    certificateDer: leaf.chain[0] ?? new Uint8Array(),
    bodyBytes,
    bodyDigest: 'sha-256:',
  }
}

/** Pushes, validates and releases with two stewards. */
export const released = async (
  world: StockWorld,
  department: DepartmentName,
  lines: readonly string[],
): Promise<Batch> => {
  const batch = await validated(world, steward(department, 1), departments[department], [lines])
  await orderRelease(world, steward(department, 2), batch)
  await world.jobs.idle()
  return batchIn(world, batch.batchId)
}

export const rolledBack = async (
  world: StockWorld,
  department: DepartmentName,
  batchId: string,
): Promise<Batch> => {
  for (const place of [1, 2])
    await inTransaction(world.store, (tx) =>
      rollBackBatch(world.deps, tx, steward(department, place), batchId),
    )
  return batchIn(world, batchId)
}

export const batchIn = async ({ store }: StockWorld, batchId: string): Promise<Batch> => {
  const batch = await findBatch(store.db, asId(batchId))
  if (batch === undefined) throw new Error('no such batch')
  return batch
}

export const findingsOf = ({ store, keys }: StockWorld, { batchId }: Batch) =>
  listFindings(store.db, keys, batchId, { after: startPlace, limit: 10_000 })

export const memberOf = ({ data }: Answer, name: string): string => {
  const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : ''
  if (typeof value !== 'string') throw new Error(`no ${name}`)
  return value
}

const linesIn = (path: string): readonly string[] =>
  readFileSync(new URL(path, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

export const cleanLines = (): readonly string[] =>
  linesIn('../../src/demo/city/stock-clean-2k.ndjson')
export const dirtyLines = (): readonly string[] => linesIn('../vectors/city/stock-dirty-2k.ndjson')

/** The issuer that a line names in its identifier; also of a line that is cut off behind it. */
export const issuerOfLine = (line: string): string =>
  /"licenceId":"1\.2\.156\.3005\.2\.[0-9A-Z]+\.([0-9A-Z]{18})\./.exec(line)?.[1] ?? ''
