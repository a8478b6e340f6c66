import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import { appendEntry, type Frontier } from '../crypto/merkle.ts'
import type { Credential, CredentialIssuer } from '../licences/credential.ts'
import { type LicenceToMake, makeLicence, type NewLicence } from '../licences/new-licence.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Batch, BatchProgress } from './batch.ts'
import type { Candidate } from './candidate.ts'
import { newLicenceIds } from './new-licence-ids.ts'
import { loadFrontier } from './stored-frontier.ts'

/** So many rows are worked on before other requests get their turn. */
export const rowsAtOnce = 32

export type MakePageDeps = {
  readonly keys: Pick<DataKeys, 'current' | 'seal' | 'index'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

export type PageOrigin = {
  readonly batch: Pick<Batch, 'batchId' | 'issuerCode'>
  readonly certificate: Pick<SigningCertificate, 'certificateId'>
  readonly issuer: CredentialIssuer
  /** Who vouches for the status: `stock` of a load, `department` of a single issue. */
  readonly statusSource?: string
}

export type MadePage = {
  readonly licences: readonly NewLicence[]
  readonly credentials: readonly Credential[]
  readonly frontier: Frontier
}

/** Fixes the credentials of rows that are loaded, and grows the batch's Merkle tree by them. */
export const makePage = async (
  { keys, clock, randomBytes }: MakePageDeps,
  origin: PageOrigin,
  loaded: readonly Candidate[],
  before: Pick<BatchProgress, 'lastLicenceId' | 'frontier'>,
): Promise<MadePage> => {
  const now = clock.now()
  const ids = newLicenceIds(loaded.length, {
    nowMs: now.getTime(),
    after: before.lastLicenceId,
    random: randomBytes,
  })
  const licences: NewLicence[] = []
  const credentials: Credential[] = []
  const { digestName } = origin.issuer
  let frontier = loadFrontier(before.frontier)
  for (const [at, licenceId] of ids.entries()) {
    const candidate = loaded[at]
    if (candidate === undefined) break
    const made = makeLicence(
      { keys, random: randomBytes, issuer: origin.issuer },
      licenceToMake(origin, candidate, { licenceId, now }),
    )
    licences.push(made.licence)
    credentials.push(made.credential)
    frontier = appendEntry(frontier, Buffer.from(made.credential.signingInput, 'ascii'), digestName)
    if (at % rowsAtOnce === 0) await setImmediate()
  }
  return { licences, credentials, frontier }
}

const licenceToMake = (
  { batch, certificate, statusSource = 'stock' }: PageOrigin,
  { place, row }: Candidate,
  { licenceId, now }: { readonly licenceId: string; readonly now: Date },
): LicenceToMake => ({
  ...place,
  batchId: batch.batchId,
  certificateId: certificate.certificateId,
  claims: {
    licenceId,
    typeCode: row.type.typeCode,
    catalogueVersion: row.type.version,
    version: row.version,
    issuerCode: batch.issuerCode,
    iat: Math.floor(now.getTime() / 1000),
    issuedAt: row.issuedAt,
    validFrom: row.validFrom,
    validTo: row.validTo,
    trustLevel: row.trustLevel,
  },
  content: {
    identifier: row.identifier,
    number: row.number,
    holders: row.holders,
    surface: row.surface,
  },
  legacyAlias: row.legacyAlias,
  areaCode: row.areaCode,
  status: row.status,
  sourceStatus: row.sourceStatus,
  statusAsOf: now,
  statusSource,
})
