import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAlgorithms, type ProfileName } from '../../src/crypto/algorithms.ts'
import { signingChainJudge } from '../../src/wiring/judge-signing-chain.ts'
import { startedGateway } from '../support/started-gateway.ts'

const settled = async (profile: ProfileName) => {
  const started = await startedGateway('https://gateway.example', { profile })
  const issuers = await readdir(started.folder.custody)
  const chains = await Promise.all(
    issuers.map(async (issuerCode) => ({
      issuerCode,
      chain: await readFile(join(started.folder.custody, issuerCode, 'chain.pem'), 'utf8'),
    })),
  )
  return { ...started, chains }
}

const judgeOf = async (
  { folder, gateway }: Awaited<ReturnType<typeof settled>>,
  profile: ProfileName,
) => {
  const algorithms = await openAlgorithms(profile, randomBytes)
  const clock = { now: () => new Date(), cityDate: () => '2018-11-30' }
  return signingChainJudge({ algorithms, folder, clock, gateway, gm: algorithms.gm })
}

const international = await settled('international')
const gm = await settled('gm')

const judged = async (
  city: Awaited<ReturnType<typeof settled>>,
  profile: ProfileName,
): Promise<readonly (string | undefined)[]> => {
  const judge = await judgeOf(city, profile)
  const answers = city.chains.map(({ chain, issuerCode }) => judge(chain, issuerCode))
  return (await Promise.all(answers)).map((answer) => answer?.alg)
}

describe('a department’s signing chain', () => {
  it('is taken when its path is good, under SM2 anchors too', async () => {
    expect(new Set(await judged(international, 'international'))).toEqual(
      new Set(['ES256', 'SM2-SM3']),
    )
    expect(new Set(await judged(gm, 'gm'))).toEqual(new Set(['SM2-SM3']))
  })

  it('is refused for another department', async () => {
    const judge = await judgeOf(gm, 'gm')
    const [first, second] = gm.chains
    expect(await judge(first?.chain ?? '', second?.issuerCode ?? '')).toBeUndefined()
  })

  it('of P-256 is refused under the gm profile, good as its path may be', async () => {
    expect(await judged(international, 'gm')).not.toContain('ES256')
  })
})
