import { storedStatuses } from '../licences/licence.ts'
import {
  decodeFields,
  encodeFields,
  isPlainText,
  type FieldRule,
  type Fields,
} from './field-codec.ts'
import type { HallHolder, HallLicence } from './hall-contract.ts'
import type { SimulatedPaper } from './simulated-city.ts'

/**
 * How a department writes one type: `head` maps to identifier, number, version, issuerCode, issuerName,
 * issuedAt, validFrom, validTo, status and areaCode, `surface` to the type's surface fields.
 */
export type LicenceTables = {
  readonly head: readonly FieldRule[]
  readonly surface: readonly FieldRule[]
}

export type BuildLicenceInput = {
  readonly typeCode: string
  readonly tables: LicenceTables
  readonly record: Fields
  readonly holders: readonly HallHolder[]
  readonly asOf: string
  readonly rawDigest: string
}

/** One record of a hall's answer as a licence in our words, or the field that is missing or malformed. */
export const buildLicence = (
  input: BuildLicenceInput,
):
  | { readonly ok: true; readonly licence: HallLicence }
  | { readonly ok: false; readonly cause: string } => {
  const { typeCode, tables, record, holders, asOf, rawDigest } = input
  const head = decodeFields(tables.head, record)
  if (!head.ok) return head
  const surface = decodeFields(tables.surface, record)
  if (!surface.ok) return surface
  const problem = problemOfHolders(holders)
  if (problem !== undefined) return { ok: false, cause: problem }
  const of = (key: string): string => String(head.fields[key] ?? '')
  const number = of('number')
  if (number.length > numberLengthMax) return { ok: false, cause: 'field_form:number' }
  const version = of('version').padStart(3, '0')
  if (!/^\d{3}$/.test(version)) return { ok: false, cause: 'field_form:version' }
  const status = storedStatuses.find((known) => known === of('status'))
  if (status === undefined) return { ok: false, cause: 'field_form:status' }
  const licence: HallLicence = {
    typeCode,
    identifier: orUndefined(of('identifier')),
    number,
    version,
    holders,
    issuer: { code: of('issuerCode'), name: of('issuerName') },
    issuedAt: of('issuedAt'),
    validFrom: orUndefined(of('validFrom')) ?? of('issuedAt'),
    validTo: orUndefined(of('validTo')) ?? null,
    status,
    sourceStatus: record[wireOf(tables.head, 'status')] ?? '',
    areaCode: orUndefined(of('areaCode')),
    fields: surface.fields,
    asOf,
    rawDigest,
  }
  return { ok: true, licence }
}

const problemOfHolders = (holders: readonly HallHolder[]): string | undefined => {
  if (holders.length === 0) return 'field_missing:holders'
  const arePlain = holders.every(({ id, name }) => isPlainText(id) && isPlainText(name))
  return arePlain ? undefined : 'field_form:holders'
}

/** Of the longest certificate's number, several times over. */
const numberLengthMax = 200

const orUndefined = (value: string): string | undefined => (value === '' ? undefined : value)

const wireOf = (head: readonly FieldRule[], key: string): string =>
  head.find((rule) => rule.key === key)?.wire ?? ''

/** A paper of the synthetic city as the department would write it; holders travel apart. */
export const encodePaper = (paper: SimulatedPaper, tables: LicenceTables): Fields => ({
  ...encodeFields(tables.head, {
    identifier: paper.licenceId,
    number: paper.number,
    version: paper.version,
    issuerCode: paper.issuer.code,
    issuerName: paper.issuer.name,
    issuedAt: paper.issuedAt,
    validFrom: paper.validFrom,
    validTo: paper.validTo ?? '',
    status: paper.status,
    areaCode: paper.areaCode,
  }),
  ...encodeFields(tables.surface, paper.surface),
})
