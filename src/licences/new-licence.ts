import type { DataKeys } from '../store/data-keys.ts'
import { contentDigest } from './content-digest.ts'
import type {
  Credential,
  CredentialClaims,
  CredentialIssuer,
  LicenceContent,
} from './credential.ts'
import { indexLicence, type LicenceIndices } from './licence-index.ts'
import type { StoredStatus } from './licence.ts'
import { makeCredential } from './make-credential.ts'
import { sealSecretPart } from './secret-part.ts'
import type { RandomBytes } from '../contract/uuid.ts'

/** A licence about to be stored, its credential fixed and not yet signed. */
export type NewLicence = {
  readonly claims: CredentialClaims
  readonly batchId: string
  readonly chunk: number
  readonly line: number
  readonly certificateId: string
  readonly areaCode: string | null
  readonly status: StoredStatus
  readonly sourceStatus: string | null
  readonly statusAsOf: Date
  readonly statusSource: string
  readonly contentDigest: Uint8Array
  readonly indices: LicenceIndices
  readonly blob: Uint8Array
  readonly keyId: string
}

/** What a department states, with its place in a batch. */
export type LicenceToMake = Pick<
  NewLicence,
  | 'claims'
  | 'batchId'
  | 'chunk'
  | 'line'
  | 'certificateId'
  | 'areaCode'
  | 'status'
  | 'sourceStatus'
  | 'statusAsOf'
  | 'statusSource'
> & {
  readonly content: LicenceContent
  /** The whole identifier with a wrong check character by which the department knows the licence. */
  readonly legacyAlias?: string | undefined
}

export type MakeLicenceDeps = {
  readonly keys: Pick<DataKeys, 'current' | 'seal' | 'index'>
  readonly random: RandomBytes
  readonly issuer: CredentialIssuer
}

/** Fixes the credential of a licence, encrypts its disclosures and computes its keyed hashes. */
export const makeLicence = (
  { keys, random, issuer }: MakeLicenceDeps,
  { content, legacyAlias, ...rest }: LicenceToMake,
): { readonly licence: NewLicence; readonly credential: Credential } => {
  const { claims, certificateId } = rest
  const { credential, disclosures } = makeCredential(issuer, claims, content, random)
  const row = { licenceId: claims.licenceId, version: claims.version, certificateId }
  return {
    credential,
    licence: {
      ...rest,
      ...sealSecretPart(keys, row, { disclosures, legacyAlias }),
      contentDigest: contentDigest(keys, { ...content, ...claims, ...rest }),
      indices: indexLicence(keys, content, legacyAlias),
    },
  }
}
