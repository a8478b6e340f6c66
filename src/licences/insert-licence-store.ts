import type { NewLicence } from './new-licence.ts'
import type { LicenceDb } from './signing-certificate-store.ts'

/** Adds one signed licence with its look-up rows, inside the transaction that releases it. */
export const insertLicence = async (
  tx: LicenceDb,
  licence: NewLicence,
  signature: Uint8Array,
): Promise<void> => {
  const { claims, indices } = licence
  const { licenceId, typeCode } = claims
  await tx.insertInto('licence').values(licenceRow(licence)).execute()
  await tx
    .insertInto('licence_signature')
    .values({ licence_id: licenceId, signature: Buffer.from(signature) })
    .execute()
  const named = [
    { ...indices.series, legacy: false },
    ...(indices.alias === undefined ? [] : [{ ...indices.alias, legacy: true }]),
  ]
  await tx
    .insertInto('licence_identifier')
    .values(
      named.map(({ index, keyId, legacy }) => ({
        identifier_index: index,
        licence_id: licenceId,
        key_id: keyId,
        legacy,
      })),
    )
    .execute()
  await tx
    .insertInto('licence_number')
    .values({
      number_index: indices.number.index,
      type_code: typeCode,
      licence_id: licenceId,
      key_id: indices.number.keyId,
    })
    .execute()
  await tx
    .insertInto('licence_holder')
    .values(
      indices.holders.map(({ holder, name }) => ({
        holder_index: holder.index,
        type_code: typeCode,
        licence_id: licenceId,
        batch_id: licence.batchId,
        name_index: name.index,
        key_id: holder.keyId,
      })),
    )
    .execute()
}

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
