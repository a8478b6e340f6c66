import { createHash } from 'node:crypto'
import type { PathPolicy } from './path-policy.ts'
import type { PathVerdict } from './path-verdict.ts'
import { answerPath, openTrust, type TrustMaterial } from './validate-path.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type PathCacheSetting = {
  readonly trust: TrustMaterial
  readonly policy: PathPolicy
  readonly verifier: SignatureVerifier
  readonly entriesMax: number
  readonly cpuNow?: () => number
}

/** Judges a chain, leaf first; its further certificates are candidates, not trusted. */
export type JudgeChain = (chain: readonly Uint8Array[], at: Date) => PathVerdict

/**
 * Remembers the verdicts that passed, by chain digest and time window, the least recently used leaving
 * first. New trust material or another policy need a new cache.
 */
export const createPathCache = ({ trust, entriesMax, ...rest }: PathCacheSetting): JudgeChain => {
  const known = new Map<string, PathVerdict>()
  return (chain, at) => {
    const key = chainDigest(chain)
    const before = known.get(key)
    if (before !== undefined) {
      known.delete(key)
      if (before.validFrom <= at && at <= before.validUntil) {
        known.set(key, before)
        return before
      }
    }
    const [leaf = new Uint8Array(), ...pool] = chain
    const enclosed = openTrust({ anchors: [], pool, crls: [] })
    const verdict = answerPath({ ...rest, leaf, trust: [trust, enclosed], at })
    if (verdict.verdict === 'passed') remember(known, key, verdict, entriesMax)
    return verdict
  }
}

const remember = (
  known: Map<string, PathVerdict>,
  key: string,
  verdict: PathVerdict,
  entriesMax: number,
): void => {
  const oldest = known.keys().next()
  if (known.size >= entriesMax && oldest.done !== true) known.delete(oldest.value)
  known.set(key, verdict)
}

/** Lengths go in with the bytes, so that no two lists of certificates look alike. */
const chainDigest = (chain: readonly Uint8Array[]): string => {
  const sum = createHash('sha256')
  for (const der of chain) sum.update(`${String(der.length)}:`).update(der)
  return sum.digest('base64')
}
