import { join } from 'node:path'
import { findLicenceType } from '../../catalogue/catalogue-store.ts'
import { newUuidV7, type RandomBytes } from '../../contract/uuid.ts'
import { openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { loadSignerFiles } from '../../crypto/load-signer-folder.ts'
import { formatLicenceIdentifier } from '../../licences/licence-identifier.ts'
import { findLicences, findReleasedLicence } from '../../licences/licence-store.ts'
import { makeLicence, type NewLicence } from '../../licences/new-licence.ts'
import { residentIdCheck } from '../../licences/resident-id.ts'
import { findCurrentSigningCertificate } from '../../licences/signing-certificate-store.ts'
import { credentialIssuerOf } from '../../licences/signing-certificate.ts'
import { newLicenceIds } from '../../stock/new-licence-ids.ts'
import type { DataKeys } from '../../store/data-keys.ts'
import type { Store } from '../../store/open-store.ts'
import { type BenchCity, benchItem } from './bench-city.ts'
import { addReleasedBatch, type SignedLicence } from './released-batch-store.ts'

/** A person of the bench who holds one licence of the bench's type. */
export type BenchHolder = { readonly idType: '111'; readonly id: string; readonly name: string }

/** The same people in every run, with correct check characters. */
export const benchHolders = (count: number): readonly BenchHolder[] =>
  Array.from({ length: count }, (_, at) => {
    const month = String((at % 12) + 1).padStart(2, '0')
    const year = String(1950 + (Math.floor(at / 12) % 50))
    const first17 = `370299${year}${month}01${String(Math.floor(at / 600)).padStart(3, '0')}`
    return {
      idType: '111',
      id: `${first17}${residentIdCheck(first17)}`,
      name: `压测${String.fromCodePoint(0x4e00 + at)}`,
    }
  })

export type RealLicences = {
  readonly dataKeys: DataKeys
  readonly holders: readonly BenchHolder[]
  readonly now: Date
  readonly randomBytes: RandomBytes
}

/** Loads them unless a kept folder has them; answers the mean length of their encrypted disclosures. */
export const ensureRealLicences = async (
  store: Store,
  city: BenchCity,
  real: RealLicences,
): Promise<number> => {
  const [first] = real.holders
  if (first === undefined) throw new RangeError('no holders')
  const query = { holder: first, typeCode: benchItem.typeCode }
  const [found] = await findLicences(store.db, real.dataKeys, [query])
  const [known] = found ?? []
  if (known === undefined) return loadRealLicences(store, city, real)
  const stored = await findReleasedLicence(store.db, known.licenceId)
  return stored?.blob.length ?? 0
}

/**
 * One real licence for each holder: encrypted, indexed and signed by the licences' own functions, in a
 * released batch.
 */
const loadRealLicences = async (
  store: Store,
  city: BenchCity,
  real: RealLicences,
): Promise<number> => {
  const certificate = await findCurrentSigningCertificate(store.db, benchItem.issuerCode)
  const type = await findLicenceType(store.db, benchItem.typeCode)
  if (certificate === undefined || type === undefined) throw new Error('the city has no such type')
  const keyDir = join(city.folder.custody, benchItem.issuerCode)
  const signer = await loadSignerFiles(
    openPlainGmCrypto().sm2,
    join(keyDir, 'key.pem'),
    join(keyDir, 'chain.pem'),
  )
  const issuer = credentialIssuerOf(city.publicUrl, certificate)
  const { dataKeys: keys, holders, now, randomBytes: random } = real
  const ids = newLicenceIds(holders.length, { nowMs: now.getTime(), after: null, random })
  const batchId = newUuidV7(now.getTime(), random)
  const signed: SignedLicence[] = []
  for (const [at, holder] of holders.entries()) {
    const { licence, credential } = makeLicence(
      { keys, random, issuer },
      {
        ...paperOf(holder, at),
        batchId,
        chunk: 1,
        line: at + 1,
        certificateId: certificate.certificateId,
        statusAsOf: now,
        claims: claimsOf({ licenceId: ids[at] ?? '', catalogueVersion: type.version, now }),
      },
    )
    const signature = await signer.sign(Buffer.from(credential.signingInput, 'ascii'))
    signed.push({ licence, signature })
  }
  await addReleasedBatch(store, { batchId, issuerCode: benchItem.issuerCode, now }, signed)
  return meanBlobBytes(signed.map(({ licence }) => licence))
}

const claimsOf = (one: {
  readonly licenceId: string
  readonly catalogueVersion: number
  readonly now: Date
}) => ({
  licenceId: one.licenceId,
  typeCode: benchItem.typeCode,
  catalogueVersion: one.catalogueVersion,
  version: '001',
  issuerCode: benchItem.issuerCode,
  iat: Math.floor(one.now.getTime() / 1000),
  issuedAt: '2018-06-12',
  validFrom: '2018-06-12',
  validTo: null,
  trustLevel: 'A',
})

/** An identity card as the demo's departments push it. */
const paperOf = (holder: BenchHolder, at: number) => ({
  areaCode: '370202',
  status: 'active' as const,
  sourceStatus: null,
  statusSource: 'stock',
  content: {
    identifier: formatLicenceIdentifier({
      typeCode: benchItem.typeCode,
      issuerCode: benchItem.issuerCode,
      serial: `B${String(at).padStart(10, '0')}`,
      version: '001',
    }),
    number: holder.id,
    holders: [{ kind: 'person' as const, ...holder }],
    surface: {
      name: holder.name,
      sex: '男',
      ethnicity: '汉',
      birthDate: '1950-01-01',
      domicile: '山东省青岛市即墨区北安街道泉东新村延安三路286号瑞沧府27号楼1单元2104户',
      citizenId: holder.id,
      issuingAuthority: '青岛市公安局即墨分局',
      validPeriod: '2018.06.12-长期',
    },
  },
})

const meanBlobBytes = (licences: readonly NewLicence[]): number =>
  Math.round(licences.reduce((sum, { blob }) => sum + blob.length, 0) / licences.length)
