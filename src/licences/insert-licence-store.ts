import type { LicenceIndices } from './licence-index.ts'
import type { NewLicence } from './new-licence.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

/** Adds one signed licence with its look-up rows, inside the transaction that releases it. */
export const insertLicence = async (
  tx: LicenceDb,
  licence: NewLicence,
  signature: Uint8Array,
): Promise<void> => {
  const { licenceId, typeCode } = licence.claims
  await tx.insertInto('licence').values(licenceRow(licence)).execute()
  await tx
    .insertInto('licence_signature')
    .values({ licence_id: licenceId, signature: Buffer.from(signature) })
    .execute()
  await insertLookUpRows(tx, [{ ...licence, licenceId, typeCode }])
}

/** What a licence is found by. */
export type LicenceLookUp = {
  readonly licenceId: string
  readonly typeCode: string
  readonly batchId: string
  readonly indices: LicenceIndices
}

/** Adds the rows by which licences are found. */
export const insertLookUpRows = async (
  tx: LicenceDb,
  licences: readonly LicenceLookUp[],
): Promise<void> => {
  await tx.insertInto('licence_identifier').values(licences.flatMap(identifierRows)).execute()
  await tx.insertInto('licence_number').values(licences.map(numberRow)).execute()
  await tx.insertInto('licence_holder').values(licences.flatMap(holderRows)).execute()
}

const identifierRows = ({ licenceId, indices: { series, alias } }: LicenceLookUp) =>
  [{ ...series, legacy: false }, ...(alias === undefined ? [] : [{ ...alias, legacy: true }])].map(
    ({ index, keyId, legacy }) => ({
      identifier_index: index,
      licence_id: licenceId,
      key_id: keyId,
      legacy,
    }),
  )

const numberRow = ({ licenceId, typeCode, indices: { number } }: LicenceLookUp) => ({
  number_index: number.index,
  type_code: typeCode,
  licence_id: licenceId,
  key_id: number.keyId,
})

const holderRows = ({ licenceId, typeCode, batchId, indices: { holders } }: LicenceLookUp) =>
  holders.map(({ holder, name }) => ({
    holder_index: holder.index,
    type_code: typeCode,
    licence_id: licenceId,
    batch_id: batchId,
    name_index: name.index,
    key_id: holder.keyId,
  }))

const licenceRow = (licence: NewLicence) => ({
  licence_id: licence.claims.licenceId,
  batch_id: licence.batchId,
  chunk: licence.chunk,
  line: licence.line,
  type_code: licence.claims.typeCode,
  catalogue_version: licence.claims.catalogueVersion,
  version: licence.claims.version,
  issuer_code: licence.claims.issuerCode,
  certificate_id: licence.certificateId,
  iat: licence.claims.iat,
  issued_at: licence.claims.issuedAt,
  valid_from: licence.claims.validFrom,
  valid_to: licence.claims.validTo,
  trust_level: licence.claims.trustLevel,
  area_code: licence.areaCode,
  status: licence.status,
  source_status: licence.sourceStatus,
  status_as_of: licence.statusAsOf,
  status_source: licence.statusSource,
  content_digest: Buffer.from(licence.contentDigest),
  blob: Buffer.from(licence.blob),
  key_id: licence.keyId,
})
