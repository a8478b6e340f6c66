import type { AnchorPurposes } from './anchor-purposes.ts'
import type { CertificatePath } from './build-paths.ts'
import { keyUsageBit } from './certificate-extensions.ts'
import { oid } from './oid.ts'
import { bearsPeerName } from './peer-name.ts'
import type { Finding } from './path-finding.ts'
import type { PathPolicy } from './path-policy.ts'

/** RFC 6960 §4.2.2.2, RFC 3161 §2.3: these purposes must be named. */
const neverImplied: readonly string[] = [oid.ocspSigning, oid.timeStamping]

/**
 * What the caller wants of the leaf: extended key usage (a CA that lists purposes limits what is below
 * it; a leaf's `any` stands for none in particular, RFC 5280 §4.2.1.12), key usage, names.
 */
export const judgePurpose = (
  path: CertificatePath,
  policy: PathPolicy,
  anchorPurposes: readonly AnchorPurposes[],
): readonly Finding[] => [
  ...judgeAnchor(path, policy, anchorPurposes),
  ...judgeExtendedKeyUsage(path, policy),
  ...judgeKeyUsage(path, policy),
  ...judgePeerNames(path, policy),
]

/** An anchor that its keeper limited serves nothing else. */
const judgeAnchor = (
  path: CertificatePath,
  { anchorPurpose, purposes }: PathPolicy,
  anchorPurposes: readonly AnchorPurposes[],
): readonly Finding[] => {
  const id = path.at(-1)?.id ?? ''
  const allowed = anchorPurposes.map((each) => each[id]).find((each) => each !== undefined)
  const wanted = anchorPurpose === undefined ? purposes : [anchorPurpose]
  if (allowed === undefined || wanted.every((each) => allowed.includes(each))) return []
  return [{ code: 'anchor_purpose', position: path.length - 1 }]
}

const judgeExtendedKeyUsage = (path: CertificatePath, policy: PathPolicy): readonly Finding[] =>
  policy.purposes.flatMap((purpose) =>
    path.flatMap(({ decoded }, position): readonly Finding[] => {
      const stated = decoded.values.extKeyUsage
      const isAllowed =
        position === 0
          ? (stated?.includes(purpose) ?? !isDemanded(purpose, policy))
          : (stated?.some((each) => each === purpose || each === oid.anyExtendedKeyUsage) ?? true)
      return isAllowed ? [] : [{ code: 'purpose_not_allowed', position, detail: purpose }]
    }),
  )

const isDemanded = (purpose: string, policy: PathPolicy): boolean =>
  policy.purposeMustBeStated === true || neverImplied.includes(purpose)

const judgeKeyUsage = ([leaf]: CertificatePath, policy: PathPolicy): readonly Finding[] => {
  const stated = leaf?.decoded.values.keyUsage
  if (stated === undefined) return []
  return policy.keyUsages
    .filter((usage) => !stated.has(keyUsageBit[usage]))
    .map((usage) => ({ code: 'key_usage_not_allowed', position: 0, detail: usage }))
}

const judgePeerNames = ([leaf]: CertificatePath, policy: PathPolicy): readonly Finding[] => {
  const names = leaf?.decoded.values.subjectAltName ?? []
  return policy.peerNames.every((wanted) => bearsPeerName(names, wanted))
    ? []
    : [{ code: 'peer_name_mismatch', position: 0 }]
}
