import { DerError } from '../crypto/read-der.ts'
import type { AnchorPurposes } from './anchor-purposes.ts'
import { buildPaths, type CertificatePath, type SearchEvent } from './build-paths.ts'
import { openCertificateSource, type CertificateSource } from './certificate-source.ts'
import { judgePath } from './judge-path.ts'
import type { CertificateStatus, StatusInputs, TimeWindow } from './certificate-status.ts'
import { judgeStatus } from './judge-status.ts'
import { oid } from './oid.ts'
import { parseCertificate, type ParsedCertificate } from './parse-certificate.ts'
import type { Finding } from './path-finding.ts'
import type { PathPolicy, RevocationNeed } from './path-policy.ts'
import { decisiveFindings, makeVerdict, type JudgedPath, type PathVerdict } from './path-verdict.ts'
import { isBetterPath } from './rank-paths.ts'
import { openRevocationSource, type RevocationSource } from './revocation-source.ts'
import {
  BudgetExceeded,
  defaultBudget,
  openBudget,
  type Budget,
  type BudgetLimits,
} from './search-budget.ts'
import { openSignatureDesk, type SignatureDesk } from './signature-desk.ts'
import { createSignatureVerifier, type SignatureVerifier } from './verify-signed.ts'

/** Parsed material that many validations share. */
export type TrustMaterial = {
  readonly certificates: CertificateSource
  readonly revocation: RevocationSource
}

export type TrustBytes = {
  readonly anchors: readonly Uint8Array[]
  readonly pool: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly ocsp?: readonly Uint8Array[]
  readonly anchorPurposes?: AnchorPurposes
}

/** Parses anchors, pool, CRLs and OCSP responses (DER) once. Malformed ones are left out. */
export const openTrust = (bytes: TrustBytes): TrustMaterial => ({
  certificates: openCertificateSource(bytes.anchors, bytes.pool, bytes.anchorPurposes),
  revocation: openRevocationSource(bytes.crls, bytes.ocsp ?? []),
})

export type PathQuestion = {
  readonly leaf: Uint8Array
  /** Several are searched as one. */
  readonly trust: readonly TrustMaterial[]
  readonly at: Date
  readonly policy: PathPolicy
  readonly verifier: SignatureVerifier
  readonly budget?: Partial<BudgetLimits>
  /** CPU time of this process in milliseconds; without it only the step budgets hold. */
  readonly cpuNow?: () => number
}

export type PathRequest = TrustBytes &
  Omit<PathQuestion, 'trust' | 'verifier'> & { readonly verifier?: SignatureVerifier }

/**
 * RFC 5280 path validation from unordered bags of DER certificates and CRLs. Answers a verdict for any
 * input; throws for no content.
 */
export const validatePath = async (request: PathRequest): Promise<PathVerdict> =>
  answerPath({
    ...request,
    trust: [openTrust(request)],
    verifier: request.verifier ?? createSignatureVerifier(),
  })

/** As validatePath, over parsed trust material. */
export const answerPath = (question: PathQuestion): PathVerdict => {
  const budget = openBudget({ ...defaultBudget, ...question.budget }, question.cpuNow)
  const context: Context = {
    at: question.at,
    budget,
    desk: openSignatureDesk(question.verifier, budget),
    certificates: question.trust.map(({ certificates }) => certificates),
    revocation: question.trust.map(({ revocation }) => revocation),
    pending: new Set(),
  }
  return makeVerdict(judgeLeaf(question, context), question.policy)
}

type Context = {
  readonly at: Date
  readonly budget: Budget
  readonly desk: SignatureDesk
  readonly certificates: readonly CertificateSource[]
  readonly revocation: readonly RevocationSource[]
  /** Ids of CRL signers whose own path is being judged: a circle is no proof. */
  readonly pending: ReadonlySet<string>
}

const judgeLeaf = ({ leaf, policy }: PathQuestion, context: Context): JudgedPath => {
  try {
    return bestPath(parseCertificate(leaf), policy, context)
  } catch (error) {
    if (error instanceof DerError) {
      return withoutPath([{ code: 'malformed_certificate', position: 0, detail: error.code }])
    }
    if (error instanceof BudgetExceeded) {
      return withoutPath([{ code: 'budget_exceeded', position: 0, detail: error.message }])
    }
    throw error
  }
}

/** The first path that passes, else the one that says most. @throws BudgetExceeded */
const bestPath = (
  target: ParsedCertificate,
  policy: PathPolicy,
  context: Context,
  anchorId?: string,
): JudgedPath => {
  const search = { ...context, sources: context.certificates }
  let best: JudgedPath | undefined
  const deadEnds: SearchEvent[] = []
  for (const event of buildPaths(target, search)) {
    if (event.kind === 'deadEnd') {
      deadEnds.push(event)
      continue
    }
    if (anchorId !== undefined && event.path.at(-1)?.id !== anchorId) continue
    context.budget.spend('paths', 1)
    const judged = judgeWhole(event.path, policy, context)
    if (decisiveFindings(judged.findings, policy).length === 0) return judged
    if (best === undefined || isBetterPath(judged, best, policy)) best = judged
  }
  return best ?? withoutPath([nearestDeadEnd(deadEnds)])
}

const nearestDeadEnd = (events: readonly SearchEvent[]): Finding => {
  const [first] = events
  return first?.kind === 'deadEnd'
    ? { code: first.code, position: first.position }
    : { code: 'no_path', position: 0 }
}

const withoutPath = (findings: readonly Finding[]): JudgedPath => ({
  path: [],
  findings,
  policies: [],
  validFrom: new Date(0),
  validUntil: new Date(0),
})

const judgeWhole = (path: CertificatePath, policy: PathPolicy, context: Context): JudgedPath => {
  const { findings, policies } = judgePath(path, { ...context, policy })
  const isBad = decisiveFindings(findings, policy).length > 0
  const { found, windows } = isBad ? { found: [], windows: [] } : judgeAll(path, policy, context)
  return {
    path,
    findings: [...findings, ...found],
    policies,
    validFrom: context.at,
    validUntil: lastUnchanged(path, windows, context),
  }
}

/**
 * Until when nothing can change the verdict: the first end of a certificate or of the data used, and
 * no later than `at` while there is data of a later day.
 */
const lastUnchanged = (
  path: CertificatePath,
  windows: readonly TimeWindow[],
  { at, revocation }: Context,
): Date => {
  if (revocation.some(({ newestMs }) => newestMs > at.getTime())) return at
  const ends = [...path.map(({ notAfter }) => notAfter), ...windows.map(({ until }) => until)]
  return new Date(Math.max(at.getTime(), Math.min(...ends.map(Number))))
}

type StatusFindings = {
  readonly found: readonly Finding[]
  readonly windows: readonly TimeWindow[]
}

/** Status of every certificate below the anchor. */
const judgeAll = (path: CertificatePath, policy: PathPolicy, context: Context): StatusFindings => {
  const found: Finding[] = []
  const windows: TimeWindow[] = []
  const inputs = statusInputs(policy, context)
  path.slice(0, -1).forEach((certificate, position) => {
    const need = position === 0 ? policy.revocation.leaf : policy.revocation.authorities
    if (need === 'ignored') return
    const status = judgeStatus(certificate, path.slice(position + 1), inputs)
    if (status.kind === 'good') windows.push(...status.windows)
    else found.push(...statusFinding(status, need, position))
  })
  return { found, windows }
}

const statusFinding = (
  status: Exclude<CertificateStatus, { kind: 'good' }>,
  need: RevocationNeed,
  position: number,
): readonly Finding[] => {
  if (status.kind === 'unknown') {
    const isAllowed = need === 'available' && status.reason === 'no_data'
    return isAllowed ? [] : [{ code: 'revocation_unknown', position, detail: status.reason }]
  }
  const code = status.kind === 'revoked' ? 'revoked' : 'on_hold'
  return [{ code, position, detail: status.since.toISOString() }]
}

const statusInputs = (policy: PathPolicy, context: Context): StatusInputs => ({
  ...context,
  algorithms: policy.algorithms,
  needsKeyIdentifiers: (policy.levels.authority_key_identifier_missing ?? 'fail') === 'fail',
  ownPathUntil: (signer, anchor) => {
    if (context.pending.has(signer.id)) return undefined
    const pending = new Set([...context.pending, signer.id])
    const own = signerPolicy(policy)
    const judged = bestPath(signer, own, { ...context, pending }, anchor.id)
    const isGood = judged.path.length > 0 && decisiveFindings(judged.findings, own).length === 0
    return isGood ? judged.validUntil : undefined
  },
})

/** A CRL signer is asked for cRLSign and its own status, not for the leaf's purpose, names or policies. */
const signerPolicy = ({ algorithms, levels, revocation }: PathPolicy): PathPolicy => ({
  ...{ algorithms, levels },
  purposes: [],
  keyUsages: ['cRLSign'],
  peerNames: [],
  initialPolicies: [oid.anyPolicy],
  explicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
  revocation: { leaf: revocation.authorities, authorities: revocation.authorities },
})
