import type { LicenceType } from '../catalogue/licence-type.ts'
import { digest, type DigestName } from '../crypto/digest.ts'
import type { CredentialClaims, LicenceContent } from '../licences/credential.ts'
import { holderKindOf } from '../licences/holder-code-type.ts'
import { formatLicenceIdentifier, parseLicenceIdentifier } from '../licences/licence-identifier.ts'
import type { HallLicence } from './hall-contract.ts'

/** Something that the department should put right; opens a data-quality row. */
export type HallProblem = 'identifier_check' | 'identifier_differs' | 'identifier_made'

/**
 * What a hall's answer is as a licence like any other: the claims and content of its credential. Only
 * licenceId and iat are the gateway's to add.
 */
export type LicenceFromHall = {
  readonly claims: Omit<CredentialClaims, 'licenceId' | 'iat'>
  readonly content: LicenceContent
  readonly problems: readonly HallProblem[]
  /** The identifier as the department wrote it, where ours differs. */
  readonly legacyAlias: string | undefined
}

/**
 * Checks a hall's licence against its type: the issuer and every required field must be there, fields
 * that the type does not have are left out.
 */
export const licenceFromHall = (
  licence: HallLicence,
  type: LicenceType,
  digestName: DigestName,
):
  | { readonly ok: true; readonly value: LicenceFromHall }
  | { readonly ok: false; readonly cause: string } => {
  if (licence.issuer.code !== type.issuer.code) return { ok: false, cause: 'issuer_differs' }
  const missing = type.fields.find(({ key, required }) => required && !(key in licence.fields))
  if (missing !== undefined)
    return { ok: false, cause: `field_missing:${missing.key.toLowerCase()}` }
  const { identifier, problems, legacyAlias } = identify(licence, digestName)
  const { typeCode, version, issuedAt, validFrom, validTo } = licence
  const claims = {
    typeCode,
    catalogueVersion: type.version,
    version,
    issuerCode: licence.issuer.code,
    issuedAt,
    validFrom,
    validTo,
    trustLevel: type.trustLevel,
  }
  const content = {
    identifier,
    number: licence.number,
    holders: licence.holders.map((holder) => ({
      kind: holderKindOf(holder.idType) ?? ('person' as const),
      ...holder,
    })),
    surface: surfaceOf(licence, type),
  }
  return { ok: true, value: { claims, content, problems, legacyAlias } }
}

const surfaceOf = ({ fields }: HallLicence, type: LicenceType): LicenceContent['surface'] =>
  Object.fromEntries(
    type.fields.flatMap(({ key }) => {
      const value = fields[key]
      return value === undefined ? [] : [[key, value]]
    }),
  )

type Identity = Pick<LicenceFromHall, 'problems' | 'legacyAlias'> & { readonly identifier: string }

const identify = (licence: HallLicence, digestName: DigestName): Identity => {
  const madeOf = (problem: HallProblem, alias: string | undefined): Identity => ({
    identifier: makeIdentifier(licence, digestName),
    problems: [problem],
    legacyAlias: alias,
  })
  const given = licence.identifier
  if (given === undefined) return madeOf('identifier_made', undefined)
  const parsed = parseLicenceIdentifier(given)
  const isOfLicence =
    parsed?.typeCode === licence.typeCode && parsed.issuerCode === licence.issuer.code
  if (parsed === undefined || !isOfLicence) return madeOf('identifier_differs', given)
  if (parsed.checked) return { identifier: given, problems: [], legacyAlias: undefined }
  return {
    identifier: formatLicenceIdentifier(parsed),
    problems: ['identifier_check'],
    legacyAlias: given,
  }
}

/**
 * An identifier for a paper whose department gives none. The serial is a digest: the same paper always
 * gets the same one, its versions share it, and it does not show the number (which may be a resident's).
 */
const makeIdentifier = (
  { typeCode, issuer, number, version }: HallLicence,
  digestName: DigestName,
): string => {
  const bytes = digest(digestName, JSON.stringify([typeCode, issuer.code, number]))
  const serial = `G${Buffer.from(bytes).toString('hex').slice(0, 24).toUpperCase()}`
  return formatLicenceIdentifier({ typeCode, issuerCode: issuer.code, serial, version })
}
