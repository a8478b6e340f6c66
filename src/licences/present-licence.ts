import type { Json } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import type { LicenceId } from '../contract/ids.ts'
import { joinSdJwt } from '../crypto/issue-sd-jwt.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { assembleCredential } from './assemble-credential.ts'
import type { Disclosure } from './credential.ts'
import type { StoredLicence } from './licence-store.ts'
import { openSecretPart } from './secret-part.ts'
import { credentialIssuerOf, type SigningCertificate } from './signing-certificate.ts'

export type PresentDeps = {
  readonly base: string
  readonly keys: Pick<DataKeys, 'open'>
  readonly findReleased: (licenceId: LicenceId) => Promise<StoredLicence | undefined>
  readonly findCertificate: (certificateId: string) => Promise<SigningCertificate | undefined>
}

export type PresentedLicence = {
  /** `<JWT>~<disclosure>~…~`, verifiable against the department's certificate. */
  readonly sdJwt: string
  readonly fields: { readonly [key: string]: Json }
  readonly keyCustody: 'department' | 'gateway'
}

/**
 * A licence's credential with only the chosen claims (`identifier`, `number`, `holders` or surface keys)
 * disclosed. Claims that the licence does not have are left out.
 * @param stored what it is made of, where that has just been read
 * @throws GatewayError licence_not_found
 */
export const presentLicence = async (
  deps: PresentDeps,
  licenceId: LicenceId,
  fields: readonly string[],
  stored?: StoredLicence,
): Promise<PresentedLicence> => {
  const { licence, certificate, disclosures } = await openLicence(deps, licenceId, stored)
  const issuer = credentialIssuerOf(deps.base, certificate)
  const { signingInput, disclosures: texts } = assembleCredential(
    issuer,
    licence.claims,
    disclosures,
  )
  const chosen = disclosures.map(({ name }) => fields.includes(name))
  const shown = texts.filter((_, at) => chosen[at])
  return {
    sdJwt: joinSdJwt(signingInput, licence.signature, shown),
    fields: Object.fromEntries(
      disclosures.filter((_, at) => chosen[at]).map(({ name, value }) => [name, value]),
    ),
    keyCustody: certificate.keyCustody,
  }
}

/** The last four characters of a licence's number, by which a clerk tells two licences apart. */
export const numberTailOf = async (deps: PresentDeps, licenceId: LicenceId): Promise<string> => {
  const { disclosures } = await openLicence(deps, licenceId)
  const number = disclosures.find(({ name }) => name === 'number')?.value
  return typeof number === 'string' ? Array.from(number).slice(-4).join('') : ''
}

type OpenedLicence = {
  readonly licence: StoredLicence
  readonly certificate: SigningCertificate
  readonly disclosures: readonly Disclosure[]
}

const openLicence = async (
  deps: PresentDeps,
  licenceId: LicenceId,
  stored?: StoredLicence,
): Promise<OpenedLicence> => {
  const licence = stored ?? (await deps.findReleased(licenceId))
  if (licence === undefined) throw new GatewayError('licence_not_found')
  const certificate = await deps.findCertificate(licence.certificateId)
  if (certificate === undefined) throw new RangeError('a licence names an unknown certificate')
  const row = {
    licenceId,
    version: licence.claims.version,
    certificateId: licence.certificateId,
  }
  const { disclosures } = openSecretPart(deps.keys, row, licence)
  return { licence, certificate, disclosures }
}
