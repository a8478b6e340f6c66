import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { readJwk } from '../../crypto/read-jwk.ts'
import { verifySdJwt } from '../../crypto/verify-sd-jwt.ts'
import { judgeCase } from './judge-case.ts'
import type { RunSuite } from './suite.ts'

const object = z.record(z.string(), z.json())

const suiteFile = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      sdJwt: z.string(),
      issuerJwk: object,
      at: z.iso.datetime(),
      keyBinding: z.discriminatedUnion('required', [
        z.object({ required: z.literal(false) }),
        z.object({ required: z.literal(true), aud: z.string(), nonce: z.string() }),
      ]),
      expected: z.enum(['accept', 'reject']),
      claims: object.optional(),
    }),
  ),
})

type Case = z.infer<typeof suiteFile>['cases'][number]

/** Members that the suite leaves out of `claims`. */
const envelope: readonly string[] = ['iss', 'iat', 'exp', 'cnf']

/**
 * Suite `sd-jwt` (format sd-jwt-cases-1). An accepted presentation with other claims than expected is no
 * answer to the case.
 */
export const runSdJwtSuite: RunSuite = async function* ({ json, cpuMs }) {
  for (const item of suiteFile.parse(json).cases)
    yield await judgeCase({ ...item, accepts: () => isAccepted(item) }, cpuMs)
}

const isAccepted = ({ sdJwt, issuerJwk, at, keyBinding, claims }: Case): boolean => {
  const key = readJwk(issuerJwk)
  const { payload } = verifySdJwt(sdJwt, { key, at: new Date(at), keyBinding })
  const found = Object.entries(payload).filter(([name]) => !envelope.includes(name))
  if (claims !== undefined && !isDeepStrictEqual(Object.fromEntries(found), claims))
    throw new Error('verified, but with other claims')
  return true
}
