import { z } from 'zod'
import { verifyJws } from '../../crypto/jws.ts'
import { readJwk } from '../../crypto/read-jwk.ts'
import type { ReadSuite } from './suite.ts'

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
          /** Anything but a compact JWS is refused: the product takes no other form. */
          jws: z.json(),
          result: z.enum(['valid', 'invalid', 'acceptable']),
        }),
      ),
    }),
  ),
})

/** Suite `wycheproof-jws`: json_web_signature_schema_v1. `acceptable` expects a refusal. */
export const readWycheproofJwsSuite: ReadSuite = async function* ({ json }) {
  for (const group of suiteFile.parse(json).testGroups) {
    const key = group.public ?? group.private ?? {}
    for (const { tcId, jws, result } of group.tests) {
      const expected = result === 'valid' ? 'accept' : 'reject'
      yield { id: tcId, expected, accepts: () => isAccepted(jws, key) }
    }
  }
}

const isAccepted = (jws: z.core.util.JSONType, key: z.infer<typeof jwk>): boolean => {
  if (typeof jws !== 'string') return false
  verifyJws(jws, readJwk(key))
  return true
}
