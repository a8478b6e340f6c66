import { z } from 'zod'
import { verifyJws } from '../../crypto/jws.ts'
import { readJwk } from '../../crypto/read-jwk.ts'
import { judgeCase } from './judge-case.ts'
import type { RunSuite } from './suite.ts'

const jwk = z.record(z.string(), z.json())

const suiteFile = z.object({
  testGroups: z.array(
    z.object({
      public: jwk.optional(),
      /** The only key of a symmetric group. */
      private: jwk.optional(),
      tests: z.array(
        z.object({
          tcId: z.number(),
          jws: z.string(),
          result: z.enum(['valid', 'invalid', 'acceptable']),
        }),
      ),
    }),
  ),
})

/** Suite `wycheproof-jws`: json_web_signature_schema_v1. `acceptable` expects a refusal. */
export const runWycheproofJwsSuite: RunSuite = async function* ({ json, cpuMs }) {
  for (const group of suiteFile.parse(json).testGroups) {
    const key = group.public ?? group.private ?? {}
    for (const { tcId, jws, result } of group.tests) {
      const expected = result === 'valid' ? 'accept' : 'reject'
      yield await judgeCase({ id: tcId, expected, accepts: () => isAccepted(jws, key) }, cpuMs)
    }
  }
}

const isAccepted = (jws: string, key: z.infer<typeof jwk>): boolean => {
  verifyJws(jws, readJwk(key))
  return true
}
