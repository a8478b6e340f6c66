import type { ReadSuite } from '../../verification/conformance/suite.ts'

/** Each suite is loaded when it is run. */
export const suites: Readonly<Record<string, () => Promise<ReadSuite>>> = {
  pkits: async () =>
    (await import('../../verification/conformance/read-pkits-suite.ts')).readPkitsSuite,
  limbo: async () =>
    (await import('../../verification/conformance/read-limbo-suite.ts')).readLimboSuite,
  'wycheproof-sig': async () =>
    (await import('../../verification/conformance/read-wycheproof-sig-suite.ts'))
      .readWycheproofSigSuite,
  'wycheproof-jws': async () =>
    (await import('../../verification/conformance/read-wycheproof-jws-suite.ts'))
      .readWycheproofJwsSuite,
  merkle: async () =>
    (await import('../../verification/conformance/read-merkle-suite.ts')).readMerkleSuite,
  'sd-jwt': async () =>
    (await import('../../verification/conformance/read-sd-jwt-suite.ts')).readSdJwtSuite,
}
