import type { CertificatePath } from './build-paths.ts'
import type { CertificateSource } from './certificate-source.ts'
import { keyUsageBit } from './certificate-extensions.ts'
import { judgePublicKey, judgeSignatureAlgorithm } from './judge-algorithms.ts'
import { isCa, judgeProfile, type PathRole } from './judge-profile.ts'
import { judgePurpose } from './judge-purpose.ts'
import { judgeNames, narrowNames, unlimitedNames, type NameSpace } from './name-constraints.ts'
import { oid } from './oid.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { Finding, FindingCode } from './path-finding.ts'
import type { PathPolicy } from './path-policy.ts'
import {
  acceptablePolicies,
  extendPolicyGraph,
  initialPolicyGraph,
  mapPolicies,
  type PolicyGraph,
} from './policy-graph.ts'
import type { Budget } from './search-budget.ts'
import type { SignatureDesk } from './signature-desk.ts'

export type PathJudgement = {
  readonly findings: readonly Finding[]
  /** User-constrained policy set of RFC 5280 §6.1.5 (g). */
  readonly policies: readonly string[]
}

export type JudgeInputs = {
  readonly policy: PathPolicy
  readonly at: Date
  readonly budget: Budget
  readonly desk: SignatureDesk
  readonly certificates: readonly CertificateSource[]
}

/** State variables of RFC 5280 §6.1.2. */
type State = {
  readonly names: NameSpace
  readonly graph: PolicyGraph
  readonly explicitPolicy: number
  readonly policyMapping: number
  readonly inhibitAnyPolicy: number
  readonly pathLength: number
}

type Report = (code: FindingCode, position: number, detail?: string) => void

/**
 * RFC 5280 §6.1 over a path whose signatures are right; all findings, not only the first. The anchor's
 * own constraints count, too (RFC 5937). Revocation is judged elsewhere. @throws BudgetExceeded
 */
export const judgePath = (path: CertificatePath, inputs: JudgeInputs): PathJudgement => {
  const findings: Finding[] = []
  const report: Report = (code, position, detail) => {
    findings.push(detail === undefined ? { code, position } : { code, position, detail })
  }
  const { policy } = inputs
  const anchorPosition = path.length - 1
  let state = initialState(anchorPosition, policy)
  for (let position = anchorPosition; position >= 0; position--) {
    const certificate = path[position]
    if (certificate === undefined) break
    const role = position === 0 ? 'leaf' : position === anchorPosition ? 'anchor' : 'intermediate'
    judgeAlone(certificate, role, inputs, (code, detail) => {
      report(code, position, detail)
    })
    if (role !== 'anchor') state = enter(certificate, role, state, inputs, report, position)
    if (role !== 'leaf') state = prepareNext(certificate, role, state, report, position)
    else state = wrapUp(certificate, state)
  }
  const policies = acceptablePolicies(state.graph, policy.initialPolicies)
  if (state.explicitPolicy === 0 && policies.length === 0) report('policy_required', 0)
  judgeDepth(path, policy, report)
  judgeKeyIdentifiers(path, report)
  const limits = inputs.certificates.map(({ anchorPurposes }) => anchorPurposes)
  findings.push(...judgePurpose(path, policy, limits))
  return { findings, policies }
}

const initialState = (certificates: number, policy: PathPolicy): State => ({
  names: unlimitedNames,
  graph: initialPolicyGraph(),
  explicitPolicy: policy.explicitPolicy ? 0 : certificates + 1,
  policyMapping: policy.inhibitPolicyMapping ? 0 : certificates + 1,
  inhibitAnyPolicy: policy.inhibitAnyPolicy ? 0 : certificates + 1,
  pathLength: certificates,
})

const isSelfIssued = (certificate: ParsedCertificate): boolean =>
  certificate.issuer.key === certificate.subject.key

/** What does not depend on the rest of the path. */
const judgeAlone = (
  certificate: ParsedCertificate,
  role: PathRole,
  { policy, at, desk }: JudgeInputs,
  report: (code: FindingCode, detail?: string) => void,
): void => {
  if (at < certificate.notBefore) report('not_yet_valid', certificate.notBefore.toISOString())
  if (isPast(certificate.notAfter, at)) report('expired', certificate.notAfter.toISOString())
  judgeAlgorithms(certificate, role, policy, report)
  for (const id of certificate.decoded.unknownCritical) report('unknown_critical_extension', id)
  // An anchor's issuer name plays no part in validation; what counts is that no other key vouched.
  const isSelfSigned = (): boolean =>
    (role === 'anchor' || isSelfIssued(certificate)) &&
    desk(certificate, certificate.publicKey) === 'right'
  for (const { code, detail } of judgeProfile(certificate, role, isSelfSigned)) report(code, detail)
}

/** §4.1.2.5: notAfter is a second that belongs to the period, all of it. */
const isPast = (notAfter: Date, at: Date): boolean => at.getTime() - notAfter.getTime() >= 1000

const judgeAlgorithms = (
  certificate: ParsedCertificate,
  role: PathRole,
  { algorithms }: PathPolicy,
  report: (code: FindingCode, detail?: string) => void,
): void => {
  const { innerAlgorithm, signatureAlgorithm, publicKey } = certificate
  if (Buffer.compare(innerAlgorithm.encoding, signatureAlgorithm.encoding) !== 0) {
    report('signature_algorithm_mismatch')
  }
  // An anchor's signature proves nothing, so its strength does not matter.
  const weakness =
    role === 'anchor' ? undefined : judgeSignatureAlgorithm(signatureAlgorithm, algorithms)
  if (weakness !== undefined) report(weakness, signatureAlgorithm.id)
  const keyWeakness = judgePublicKey(publicKey, algorithms)
  if (keyWeakness !== undefined) report(keyWeakness, publicKey.algorithm.id)
}

/** §6.1.3 (b) to (f). */
const enter = (
  certificate: ParsedCertificate,
  role: PathRole,
  state: State,
  inputs: JudgeInputs,
  report: Report,
  position: number,
): State => {
  const isExempt = isSelfIssued(certificate) && role !== 'leaf'
  const finding = isExempt ? undefined : judgeNames(certificate, state.names, inputs.budget)
  if (finding !== undefined) report(finding, position)
  const policies = certificate.decoded.values.certificatePolicies?.map(({ id }) => id)
  inputs.budget.spend('steps', (policies ?? []).length)
  const graph = extendPolicyGraph(state.graph, policies, state.inhibitAnyPolicy > 0 || isExempt)
  if (state.explicitPolicy === 0 && graph === undefined) report('policy_required', position)
  return { ...state, graph }
}

/** §6.1.4, for the anchor without its policies. */
const prepareNext = (
  certificate: ParsedCertificate,
  role: PathRole,
  state: State,
  report: Report,
  position: number,
): State => {
  const { keyUsage } = certificate.decoded.values
  if (!isCa(certificate)) report('not_ca', position)
  if (keyUsage?.has(keyUsageBit.keyCertSign) === false) report('key_usage_no_cert_sign', position)
  const counts = role !== 'anchor' && !isSelfIssued(certificate)
  if (counts && state.pathLength <= 0) report('path_length_exceeded', position)
  const limited = narrowPolicies(certificate, state, counts)
  const names = narrowNames(state.names, certificate)
  const graph = role === 'anchor' ? state.graph : mapped(certificate, state, report, position)
  return { ...limited, names, graph }
}

const mapped = (
  certificate: ParsedCertificate,
  state: State,
  report: Report,
  position: number,
): PolicyGraph => {
  const { policyMappings } = certificate.decoded.values
  if (policyMappings === undefined) return state.graph
  if (policyMappings.some((each) => [each.issuer, each.subject].includes(oid.anyPolicy))) {
    report('policy_mapping_any', position)
  }
  return mapPolicies(state.graph, policyMappings, state.policyMapping > 0)
}

const lowered = (counter: number, counts: boolean, limit: number | undefined): number =>
  Math.min(counts && counter > 0 ? counter - 1 : counter, limit ?? Number.MAX_SAFE_INTEGER)

/** §6.1.4 (h) to (j), (l), (m). */
const narrowPolicies = (certificate: ParsedCertificate, state: State, counts: boolean): State => {
  const {
    policyConstraints: limits,
    inhibitAnyPolicy,
    basicConstraints,
  } = certificate.decoded.values
  return {
    ...state,
    explicitPolicy: lowered(state.explicitPolicy, counts, limits?.requireExplicitPolicy),
    policyMapping: lowered(state.policyMapping, counts, limits?.inhibitPolicyMapping),
    inhibitAnyPolicy: lowered(state.inhibitAnyPolicy, counts, inhibitAnyPolicy),
    pathLength: lowered(state.pathLength, counts, basicConstraints?.pathLength),
  }
}

/** §6.1.5 (a), (b). */
const wrapUp = (leaf: ParsedCertificate, state: State): State => {
  const isRequired = leaf.decoded.values.policyConstraints?.requireExplicitPolicy === 0
  return {
    ...state,
    explicitPolicy: isRequired ? 0 : lowered(state.explicitPolicy, true, undefined),
  }
}

const judgeDepth = (path: CertificatePath, policy: PathPolicy, report: Report): void => {
  const intermediates = path.slice(1, -1).filter((certificate) => !isSelfIssued(certificate))
  const limit = policy.intermediatesMax ?? Number.MAX_SAFE_INTEGER
  if (intermediates.length > limit) report('chain_depth_exceeded', path.length - 1)
}

/** §4.2.1.2: the subject key identifier of a CA is what its certificates name as their authority's. */
const judgeKeyIdentifiers = (path: CertificatePath, report: Report): void => {
  path.slice(0, -1).forEach(({ decoded }, position) => {
    const issuer = path[position + 1]
    const named = decoded.values.authorityKeyIdentifier
    const own = issuer?.decoded.values.subjectKeyIdentifier
    const isOtherKey = named?.keyIdentifier && own && Buffer.compare(named.keyIdentifier, own) !== 0
    const isOtherSerial =
      named?.serial && issuer && Buffer.compare(named.serial, issuer.serial) !== 0
    if (isOtherKey || isOtherSerial) report('authority_key_identifier_mismatch', position)
  })
}
