import { decodeBase64 } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { isJsonArray, type JsonObject } from '../crypto/json-value.ts'
import { oid } from '../trust/oid.ts'
import { defaultPathPolicy, type PathPolicy } from '../trust/path-policy.ts'
import { findingKinds } from '../trust/path-finding.ts'
import type { PathVerdict } from '../trust/path-verdict.ts'
import { answerPath, openTrust } from '../trust/validate-path.ts'
import type { Finding } from './report.ts'
import type { VerificationTrust } from './verification-trust.ts'

/** DER certificates of an `x5c` header, leaf first; undefined when it is missing or malformed. */
export const chainOf = (header: JsonObject): readonly Uint8Array[] | undefined => {
  const { x5c } = header
  if (!isJsonArray(x5c) || x5c.length === 0 || x5c.length > 10) return undefined
  try {
    return x5c.map((text) => decodeBase64(typeof text === 'string' ? text : '-'))
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}

/** A leaf that may sign licences: purpose stated, signing allowed, status known up to the anchor. */
export const licenceSigningPolicy: PathPolicy = {
  ...defaultPathPolicy,
  purposes: [oid.licenceSigning],
  purposeMustBeStated: true,
  keyUsages: ['digitalSignature'],
}

/** A leaf under which the gateway attests what a hall answered; such a one signs no licence. */
export const attestationPolicy: PathPolicy = {
  ...licenceSigningPolicy,
  purposes: [oid.ledgerAttestation],
}

/** Judges the path of an enclosed chain; the anchors are ours, never the artefact's. */
export const judgeChain = (
  [leaf, ...others]: readonly [Uint8Array, ...(readonly Uint8Array[])],
  context: {
    readonly trust: VerificationTrust
    readonly at: Date
    readonly policy: PathPolicy
  },
): PathVerdict =>
  answerPath({
    leaf,
    trust: [context.trust.material, openTrust({ anchors: [], pool: others, crls: [] })],
    at: context.at,
    policy: context.policy,
    verifier: context.trust.certificateVerifier,
  })

/** The path's checks as lines of our report; those that decided carry the verdict's weight. */
export const pathFindings = (verdict: PathVerdict): readonly Finding[] =>
  verdict.checks.map((check) => {
    const line = { ...check, code: `path.${check.code}` }
    if (check.status !== 'failed') return { ...line, effect: 'none' }
    const { effect, subIndication } = kindOf(check.code)
    return { ...line, effect, subIndication }
  })

const kindOf = (code: string): Pick<Required<Finding>, 'effect' | 'subIndication'> => {
  const [, kind] = Object.entries(findingKinds).find(([name]) => name === code) ?? []
  return kind ?? { effect: 'broken', subIndication: 'GENERIC' }
}
