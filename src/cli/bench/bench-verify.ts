import { createKeyCache } from '../../crypto/key-cache.ts'
import { verifySdJwt } from '../../crypto/verify-sd-jwt.ts'
import { CryptoError } from '../../crypto/crypto-error.ts'
import { createPathCache } from '../../trust/path-cache.ts'
import { defaultPathPolicy, type PathPolicy } from '../../trust/path-policy.ts'
import { answerPath, openTrust } from '../../trust/validate-path.ts'
import { createSignatureVerifier } from '../../trust/verify-signed.ts'
import type { Bench } from './bench.ts'
import { ownProcessCandidate } from './own-process-candidate.ts'
import { openPkijsChain, type ChainToJudge } from './peers/pkijs-chain.ts'
import { openSdJwtCore } from './peers/sd-jwt-core.ts'
import {
  interleave,
  median,
  ratioOf,
  rounded,
  summarise,
  summaryRow,
  type Candidate,
  type Measured,
} from './rounds.ts'
import { makeVerifyScene, verifyAt, type VerifyScene } from './verify-scene.ts'

/**
 * P7: credentials and certificate chains beside what others' libraries do, one process, by CPU time.
 * Cold: everything is parsed and every signature checked for each chain. Cached: known chains again.
 */
export const benchVerify: Bench = async ({ rounds: wanted, scale, say }) => {
  const scene = await makeVerifyScene(256)
  await requireRealChecks(scene)
  const counted = (count: number): number => Math.ceil(count * scale)
  const candidates: readonly Candidate[] = [
    ...credentialCandidates(scene, counted(2048)),
    ...chainCandidates(scene, counted(512)),
    cachedCandidate(scene, counted(65_536)),
  ]
  // Once unmeasured: compilers warm up and caches fill.
  for (const { run } of candidates) await run()
  const rounds = await interleave(candidates, Math.max(5, wanted), say)
  const ratio = (above: string, below: string): number =>
    ratioOf(rounds, [above, below], perCpuSecond)
  const rows = [...rounds].map(([name, measured]) => ({ name, ...summarise(measured) }))
  return {
    name: 'verify',
    ratios: {
      'P7.sdjwt': ratio('SD-JWT', 'SD-JWT, @sd-jwt/core'),
      'P7.chainCold': ratio('chain', 'chain, pkijs'),
      'P7.chainCachedPerSecond': rounded(
        median((rounds.get('chain, cached') ?? []).map(perCpuSecond)),
        0,
      ),
    },
    details: {
      chainColdWithCrls: ratio('chain with CRLs', 'chain with CRLs, pkijs'),
      work: rows.map(({ name, perSecond, cpuUsPerOperation }) => ({
        name,
        perSecond,
        cpuUs: cpuUsPerOperation['process'] ?? 0,
      })),
    },
    tables: [{ title: 'per operation', rows: rows.map(summaryRow) }],
  }
}

const perCpuSecond = ({ operations, cpuUs }: Measured): number =>
  operations / ((cpuUs['process'] ?? Number.NaN) / 1_000_000)

const turn = <T>(list: readonly T[], at: number): T => {
  const item = list[at % list.length]
  if (item === undefined) throw new RangeError('nothing to take turns with')
  return item
}

const sdJwtVerifier = (spki: Uint8Array): ((sdJwt: string) => boolean) => {
  const key = { spki, algs: ['ES256'] }
  const context = { keys: createKeyCache() }
  return (sdJwt) => {
    try {
      return verifySdJwt(sdJwt, { key, at: verifyAt, context }).disclosures.length > 0
    } catch (error) {
      if (error instanceof CryptoError) return false
      throw error
    }
  }
}

const credentialCandidates = (scene: VerifyScene, count: number): readonly Candidate[] => {
  const { credentials, issuerSpki } = scene
  const ours = sdJwtVerifier(issuerSpki)
  const theirs = openSdJwtCore(issuerSpki)
  return [
    ownProcessCandidate('SD-JWT', count, (at) => ours(turn(credentials, at))),
    ownProcessCandidate('SD-JWT, @sd-jwt/core', count, (at) => theirs(turn(credentials, at))),
  ]
}

/** pkijs looks at revocation only where it is given CRLs; so do we here. */
const withoutCrls: PathPolicy = {
  ...defaultPathPolicy,
  revocation: { leaf: 'ignored', authorities: 'ignored' },
}

const judgeCold = (chain: ChainToJudge, policy: PathPolicy): boolean => {
  const verifier = createSignatureVerifier()
  const { leaf } = chain
  const verdict = answerPath({ leaf, trust: [openTrust(chain)], at: verifyAt, policy, verifier })
  return verdict.verdict === 'passed'
}

const chainCandidates = ({ chains }: VerifyScene, count: number): readonly Candidate[] => {
  const pkijs = openPkijsChain(verifyAt)
  const bare = chains.map((chain) => ({ ...chain, crls: [] }))
  return [
    ownProcessCandidate('chain', count, (at) => judgeCold(turn(bare, at), withoutCrls)),
    ownProcessCandidate('chain, pkijs', count, (at) => pkijs(turn(bare, at))),
    ownProcessCandidate('chain with CRLs', count, (at) =>
      judgeCold(turn(chains, at), defaultPathPolicy),
    ),
    ownProcessCandidate('chain with CRLs, pkijs', count, (at) => pkijs(turn(chains, at))),
  ]
}

const cachedCandidate = ({ chains }: VerifyScene, count: number): Candidate => {
  const [first] = chains
  if (first === undefined) throw new RangeError('no chain')
  const { anchors, crls } = first
  const judge = createPathCache({
    trust: openTrust({ anchors, crls, pool: [] }),
    ...{ policy: defaultPathPolicy, verifier: createSignatureVerifier(), entriesMax: 1024 },
  })
  const known = chains.map(({ leaf, pool }) => [leaf, ...pool])
  return ownProcessCandidate(
    'chain, cached',
    count,
    (at) => judge(turn(known, at), verifyAt).verdict === 'passed',
  )
}

/** Each candidate must refuse one changed bit of the signature, or it is no candidate. */
const requireRealChecks = async ({ chains, credentials, issuerSpki }: VerifyScene) => {
  const chain = turn(chains, 0)
  const leaf = Uint8Array.from(chain.leaf)
  leaf[leaf.length - 1] = (leaf.at(-1) ?? 0) ^ 1
  const forged = { ...chain, leaf, crls: [] }
  const [jwt = '', ...rest] = turn(credentials, 0).split('~')
  const tail = jwt.endsWith('A') ? 'B' : 'A'
  const sdJwt = [`${jwt.slice(0, -10)}${tail}${jwt.slice(-9)}`, ...rest].join('~')
  const accepted = [
    judgeCold(forged, withoutCrls),
    await openPkijsChain(verifyAt)(forged),
    sdJwtVerifier(issuerSpki)(sdJwt),
    await openSdJwtCore(issuerSpki)(sdJwt),
  ]
  if (accepted.includes(true)) throw new Error('a candidate accepts a forged signature')
}
