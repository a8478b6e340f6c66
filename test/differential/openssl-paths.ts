import { strictPathPolicy } from '../../src/trust/path-policy.ts'
import { oid } from '../../src/trust/oid.ts'
import { validatePath } from '../../src/trust/validate-path.ts'
import { randomFrom } from '../fuzz/mutate.ts'
import { now } from '../trust/forge.ts'
import { goodChain, makeChain } from './chain-spec.ts'
import { explained } from './explained.ts'
import { certificateFaults, profileFaults, revocationFaults } from './faults.ts'
import { openOpenssl } from './openssl-verify.ts'

/**
 * npm run -s differential -- [COUNT] [SEED]: chains, good or broken in one place, judged by us and by
 * `openssl verify`. One JSON line a kind; exit 1 when a disagreement is not explained.
 */
const [count = '3000', seed = '1'] = process.argv.slice(2)
const faults = { ...certificateFaults, ...profileFaults, ...revocationFaults }
const kinds = ['good', ...Object.keys(faults)]
const random = randomFrom(Number(seed))

type Tally = {
  both: number
  neither: number
  onlyWe: number
  onlyOpenssl: number
  said: Set<string>
}
const tallies = new Map<string, Tally>()

const make = async (kind: string) => {
  for (;;) {
    const spec = goodChain(random)
    if (kind !== 'good' && faults[kind]?.(spec, random) !== true) continue
    return { spec, chain: await makeChain(spec) }
  }
}

const openssl = await openOpenssl(now)
for (let done = 0; done < Number(count); done++) {
  const kind = random(4) === 0 ? 'good' : (kinds[done % kinds.length] ?? 'good')
  const { spec, chain } = await make(kind)
  const policy = { ...strictPathPolicy, purposes: [oid.clientAuth], ...spec.policy }
  const ours = await validatePath({ ...chain, at: now, policy })
  const theirs = await openssl.verify(chain, spec.opensslOptions)
  const tally = tallies.get(kind) ?? {
    both: 0,
    neither: 0,
    onlyWe: 0,
    onlyOpenssl: 0,
    said: new Set(),
  }
  tallies.set(kind, tally)
  const weAccept = ours.verdict === 'passed'
  if (weAccept && theirs.accepted) tally.both++
  else if (!weAccept && !theirs.accepted) tally.neither++
  else {
    if (weAccept) tally.onlyWe++
    else tally.onlyOpenssl++
    tally.said.add(weAccept ? theirs.said.replace(/^.*?: /, '') : ours.code)
  }
}
await openssl.close()

let unexplained = 0
const total = { chains: 0, agreed: 0, onlyWe: 0, onlyOpenssl: 0 }
for (const [kind, { said, ...tally }] of [...tallies].sort()) {
  const reason = explained[kind]
  const isExplained =
    (tally.onlyWe === 0 || reason?.accepts === 'we') &&
    (tally.onlyOpenssl === 0 || reason?.accepts === 'openssl')
  if (!isExplained) unexplained++
  total.chains += tally.both + tally.neither + tally.onlyWe + tally.onlyOpenssl
  total.agreed += tally.both + tally.neither
  total.onlyWe += tally.onlyWe
  total.onlyOpenssl += tally.onlyOpenssl
  process.stdout.write(`${JSON.stringify({ kind, ...tally, said: [...said], isExplained })}\n`)
}
process.stdout.write(`${JSON.stringify({ summary: true, ...total, unexplained })}\n`)
process.exitCode = unexplained === 0 ? 0 : 1
