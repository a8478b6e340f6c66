import type { Clock } from '../contract/clock.ts'
import type { Json } from '../contract/endpoint.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import { joinSdJwt } from '../crypto/issue-sd-jwt.ts'
import type { Signer } from '../crypto/signer.ts'
import { makeCredential } from '../licences/make-credential.ts'
import { credentialIssuerOf } from '../licences/signing-certificate.ts'
import type { HallLicence } from './hall-contract.ts'
import type { LicenceFromHall } from './licence-from-hall.ts'

export type AttestDeps = {
  /** The gateway's attestation key. */
  readonly signer: Signer
  /** URL under which issuers and credential types are named. */
  readonly base: string
  readonly clock: Clock
  readonly random: RandomBytes
}

export type AttestedLicence = {
  readonly sdJwt: string
  readonly fields: { readonly [key: string]: Json }
}

/**
 * A hall's licence as a credential of the same form as stock, signed by the gateway: "hall X answered
 * this, of that time, in these bytes". Only the chosen claims are disclosed.
 */
export const attestLicence = async (
  { signer, base, clock, random }: AttestDeps,
  hallId: string,
  licence: HallLicence,
  { claims, content }: LicenceFromHall,
  { licenceId, fields }: { readonly licenceId: string; readonly fields: readonly string[] },
): Promise<AttestedLicence> => {
  const { asOf, rawDigest, issuer } = licence
  const attestation = { hall: hallId, issuerCode: issuer.code, asOf, rawDigest }
  const iat = Math.floor(clock.now().getTime() / 1000)
  const { credential, disclosures } = makeCredential(
    credentialIssuerOf(base, signer),
    { ...claims, licenceId, iat, attestation },
    content,
    random,
  )
  const { signingInput, disclosures: texts } = credential
  const chosen = disclosures.map(({ name }) => fields.includes(name))
  return {
    sdJwt: joinSdJwt(
      signingInput,
      await signer.sign(Buffer.from(signingInput)),
      texts.filter((_, at) => chosen[at]),
    ),
    fields: Object.fromEntries(
      disclosures.filter((_, at) => chosen[at]).map(({ name, value }) => [name, value]),
    ),
  }
}
