import { mutate, randomFrom } from './mutate.ts'
import { targets as binaryTargets } from './targets.ts'
import { textTargets } from './text-targets.ts'

/**
 * npm run -s fuzz -- [TARGET|all] [COUNT] [SEED]
 * One JSON line a target; exit 1 on a crash, an uncoded error or an input above one CPU-second.
 */
const targets = { ...binaryTargets, ...textTargets }
const [name = 'all', count = '1000000', seed = '1'] = process.argv.slice(2)
const chosen = name === 'all' ? Object.keys(targets) : [name]
const inputsWanted = Number(count)
const cpuMsMax = 1000

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const fuzz = async (target: string): Promise<boolean> => {
  const found = targets[target]
  if (found === undefined)
    throw new Error(`no target ${target}: ${Object.keys(targets).join(', ')}`)
  const seeds = await found.seeds()
  const random = randomFrom(Number(seed))
  const result = { target, seed: Number(seed), inputs: 0, accepted: 0, refused: 0, slowestMs: 0 }
  const uncoded: { error: string; input: string }[] = []
  for (; result.inputs < inputsWanted; result.inputs++) {
    const bytes = mutate(seeds, random)
    const before = cpuMs()
    try {
      found.read(bytes)
      result.accepted++
    } catch (error) {
      if (found.isCoded(error)) result.refused++
      else uncoded.push({ error: String(error), input: bytes.toString('base64') })
    }
    result.slowestMs = Math.max(result.slowestMs, cpuMs() - before)
  }
  const isGood = uncoded.length === 0 && result.slowestMs <= cpuMsMax
  process.stdout.write(`${JSON.stringify({ ...result, uncoded: uncoded.slice(0, 5), isGood })}\n`)
  return isGood
}

process.exitCode = 0
for (const target of chosen) if (!(await fuzz(target))) process.exitCode = 1
