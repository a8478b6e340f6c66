import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { readJwk } from '../../crypto/read-jwk.ts'
import { verifySdJwt } from '../../crypto/verify-sd-jwt.ts'
import type { ReadSuite } from './suite.ts'

const object = z.record(z.string(), z.json())

/** What every case must have; the rest is read case by case, so that an odd one is only its own loss. */
const suiteFile = z.object({
  cases: z.array(z.looseObject({ id: z.string(), expected: z.enum(['accept', 'reject']) })),
})

const caseInputs = z.object({
  sdJwt: z.string(),
  issuerJwk: object,
  at: z.iso.datetime({ offset: true }),
  keyBinding: z.discriminatedUnion('required', [
    z.object({ required: z.literal(false) }),
    z.object({ required: z.literal(true), aud: z.string(), nonce: z.string() }),
  ]),
  claims: object.nullish(),
})

type Case = z.infer<typeof caseInputs>

/** Members that the suite leaves out of `claims`. */
const envelope: readonly string[] = ['iss', 'iat', 'exp', 'cnf']

/**
 * Suite `sd-jwt` (format sd-jwt-cases-1). An accepted presentation with other claims than expected is no
 * answer to the case.
 */
export const readSdJwtSuite: ReadSuite = async function* ({ json }) {
  for (const item of suiteFile.parse(json).cases)
    yield {
      id: item.id,
      expected: item.expected,
      accepts: () => isAccepted(caseInputs.parse(item)),
    }
}

const isAccepted = ({ sdJwt, issuerJwk, at, keyBinding, claims }: Case): boolean => {
  const key = readJwk(issuerJwk)
  const { payload } = verifySdJwt(sdJwt, { key, at: new Date(at), keyBinding })
  const found = Object.entries(payload).filter(([name]) => !envelope.includes(name))
  if (claims && !isDeepStrictEqual(Object.fromEntries(found), claims))
    throw new Error('verified, but with other claims')
  return true
}
