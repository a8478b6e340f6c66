import type { RandomBytes } from '../contract/uuid.ts'
import { saltBytes } from '../crypto/issue-sd-jwt.ts'
import { assembleCredential } from './assemble-credential.ts'
import type {
  Credential,
  CredentialClaims,
  CredentialIssuer,
  Disclosure,
  LicenceContent,
} from './credential.ts'

/**
 * Fixes a credential: fresh salts, then everything that will be signed. `random` must be a CSPRNG: who
 * guesses a salt can guess the claim behind its digest.
 */
export const makeCredential = (
  issuer: CredentialIssuer,
  claims: CredentialClaims,
  content: LicenceContent,
  random: RandomBytes,
): { readonly credential: Credential; readonly disclosures: readonly Disclosure[] } => {
  const disclosures = saltClaims(content, random)
  return { credential: assembleCredential(issuer, claims, disclosures), disclosures }
}

const saltClaims = (content: LicenceContent, random: RandomBytes): readonly Disclosure[] => {
  const members: readonly (readonly [string, Disclosure['value']])[] = [
    ['identifier', content.identifier],
    ['number', content.number],
    ['holders', content.holders],
    ...Object.entries(content.surface),
  ]
  const salts = random(saltBytes * members.length)
  return members.map(([name, value], at) => ({
    salt: salts.subarray(at * saltBytes, (at + 1) * saltBytes),
    name,
    value,
  }))
}
