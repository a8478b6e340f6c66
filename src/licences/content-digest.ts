import type { DataKeys } from '../store/data-keys.ts'
import type { CredentialClaims, LicenceContent } from './credential.ts'

/** Everything that a department said about a licence: two equal ones are the same push. */
export type StatedLicence = LicenceContent &
  Pick<
    CredentialClaims,
    'typeCode' | 'version' | 'issuedAt' | 'validFrom' | 'validTo' | 'trustLevel'
  > & { readonly status: string; readonly areaCode: string | null }

/** Keyed hash of a licence's whole content, to recognise a repeated push without opening anything. */
export const contentDigest = (keys: Pick<DataKeys, 'index'>, stated: StatedLicence): Uint8Array =>
  keys.index('identifier', `content|${contentText(stated)}`).index

/** The same under every valid key, current first. */
export const contentDigests = (
  keys: Pick<DataKeys, 'indexAll'>,
  stated: StatedLicence,
): readonly Uint8Array[] =>
  keys.indexAll('identifier', `content|${contentText(stated)}`).map(({ index }) => index)

const contentText = (stated: StatedLicence): string =>
  JSON.stringify([
    stated.identifier,
    stated.typeCode,
    stated.number,
    stated.version,
    stated.holders.map(({ kind, idType, id, name }) => [kind, idType, id, name]),
    stated.issuedAt,
    stated.validFrom,
    stated.validTo,
    stated.status,
    stated.trustLevel,
    stated.areaCode,
    Object.entries(stated.surface).sort(([one], [other]) => (one < other ? -1 : 1)),
  ])
