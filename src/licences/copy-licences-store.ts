import type { PoolClient } from 'pg'
import { copyRows } from './copy-rows-store.ts'
import {
  copyBigint,
  copyBoolean,
  copyInt,
  copyText,
  copyTime,
  copyUuid,
  type CopyValue,
} from './copy-value.ts'
import type { NewLicence } from './new-licence.ts'

/** Adds licences with their look-up rows; nobody finds them before their batch is released. */
export const copyLicences = async (
  client: PoolClient,
  licences: readonly NewLicence[],
): Promise<void> => {
  await copyRows(client, 'licence', licenceColumns, licences.map(licenceRow))
  await copyRows(client, 'licence_identifier', identifierColumns, licences.flatMap(identifierRows))
  await copyRows(client, 'licence_number', numberColumns, licences.map(numberRow))
  await copyRows(client, 'licence_holder', holderColumns, licences.flatMap(holderRows))
}

export type NewSignature = { readonly licenceId: string; readonly signature: Uint8Array }

/** Adds the signatures of licences. */
export const copySignatures = (
  client: PoolClient,
  signatures: readonly NewSignature[],
): Promise<void> =>
  copyRows(
    client,
    'licence_signature',
    ['licence_id', 'signature'],
    signatures.map(({ licenceId, signature }) => [copyUuid(licenceId), signature]),
  )

const licenceColumns = [
  'licence_id',
  'batch_id',
  'chunk',
  'line',
  'type_code',
  'catalogue_version',
  'version',
  'issuer_code',
  'certificate_id',
  'iat',
  'issued_at',
  'valid_from',
  'valid_to',
  'trust_level',
  'area_code',
  'status',
  'source_status',
  'status_as_of',
  'status_source',
  'content_digest',
  'blob',
  'key_id',
]

const licenceRow = (licence: NewLicence): readonly CopyValue[] => [
  copyUuid(licence.claims.licenceId),
  copyUuid(licence.batchId),
  copyInt(licence.chunk),
  copyInt(licence.line),
  copyText(licence.claims.typeCode),
  copyInt(licence.claims.catalogueVersion),
  copyText(licence.claims.version),
  copyText(licence.claims.issuerCode),
  copyText(licence.certificateId),
  copyBigint(licence.claims.iat),
  copyText(licence.claims.issuedAt),
  copyText(licence.claims.validFrom),
  copyText(licence.claims.validTo),
  copyText(licence.claims.trustLevel),
  copyText(licence.areaCode),
  copyText(licence.status),
  copyText(licence.sourceStatus),
  copyTime(licence.statusAsOf),
  copyText(licence.statusSource),
  licence.contentDigest,
  licence.blob,
  copyText(licence.keyId),
]

const identifierColumns = ['identifier_index', 'licence_id', 'key_id', 'legacy']

const identifierRows = ({ claims, indices }: NewLicence): readonly (readonly CopyValue[])[] => {
  const id = copyUuid(claims.licenceId)
  const { series, alias } = indices
  const own = [series.index, id, copyText(series.keyId), copyBoolean(false)]
  return alias === undefined
    ? [own]
    : [own, [alias.index, id, copyText(alias.keyId), copyBoolean(true)]]
}

const numberColumns = ['number_index', 'type_code', 'licence_id', 'key_id']

const numberRow = ({ claims, indices }: NewLicence): readonly CopyValue[] => [
  indices.number.index,
  copyText(claims.typeCode),
  copyUuid(claims.licenceId),
  copyText(indices.number.keyId),
]

const holderColumns = [
  'holder_index',
  'type_code',
  'licence_id',
  'batch_id',
  'name_index',
  'key_id',
]

const holderRows = ({ claims, batchId, indices }: NewLicence): readonly (readonly CopyValue[])[] =>
  indices.holders.map(({ holder, name }) => [
    holder.index,
    copyText(claims.typeCode),
    copyUuid(claims.licenceId),
    copyUuid(batchId),
    name.index,
    copyText(holder.keyId),
  ])
