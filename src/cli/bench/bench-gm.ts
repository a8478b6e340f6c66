import { randomBytes } from 'node:crypto'
import type { Bench } from './bench.ts'
import {
  cipherCandidates,
  digestCandidates,
  issuerCandidates,
  signCandidates,
  verifyCandidates,
} from './gm-candidates.ts'
import { openGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import {
  interleave,
  ratioOf,
  summarise,
  summaryRow,
  type Candidate,
  type Measured,
} from './rounds.ts'

/**
 * P6: the national algorithms beside what Node does natively, one process, 1,024 rotating messages, by
 * CPU time. Known keys have their tables; unknown ones are parsed, checked and hashed for every signature.
 */
export const benchGm: Bench = async ({ rounds: wanted, scale, say }) => {
  const gm = await openGmCrypto({ random: randomBytes })
  const candidates: readonly Candidate[] = [
    ...verifyCandidates(gm, scale),
    ...(await signCandidates(gm, scale)),
    ...digestCandidates(scale),
    ...cipherCandidates(gm, scale),
    ...(await issuerCandidates(gm, scale)),
  ]
  // Once unmeasured: compilers warm up and tables are built.
  for (const { run } of candidates) await run()
  const rounds = await interleave(candidates, Math.max(5, wanted), say)
  const ratio = (above: string, below: string): number =>
    ratioOf(rounds, [above, below], perCpuSecond)
  const rows = [...rounds].map(([name, measured]) => ({ name, ...summarise(measured) }))
  return {
    name: 'gm',
    ratios: {
      'P6.verify': ratio('SM2 verify, known key', 'P-256 verify'),
      'P6.verifyUnknown': ratio('SM2 verify, unknown key', 'P-256 verify'),
      'P6.sign': ratio('SM2 sign', 'P-256 sign'),
      'P6.sm3': ratio('SM3, 16 KB', 'SHA-256, 16 KB'),
      'P6.sm4gcm': ratio('SM4-GCM, 16 KB', 'SM4-CTR, 16 KB'),
    },
    details: {
      backends: { ...gm.report },
      verifyAgainstOpenssl: ratio('SM2 verify, known key', 'SM2 verify, OpenSSL'),
      sm3Of1KB: ratio('SM3, 1 KB', 'SHA-256, 1 KB'),
      sm4gcmOf1KB: ratio('SM4-GCM, 1 KB', 'SM4-CTR, 1 KB'),
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
  operations / (cpuUs['process'] ?? Number.NaN)
