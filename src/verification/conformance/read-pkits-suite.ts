import { z } from 'zod'
import { oid } from '../../trust/oid.ts'
import { strictPathPolicy, type PathPolicy } from '../../trust/path-policy.ts'
import { validatePath } from '../../trust/validate-path.ts'
import type { ReadSuite, SuiteInput } from './suite.ts'

const suiteFile = z.object({
  validationTime: z.iso.datetime(),
  policyOids: z.record(z.string(), z.string()),
  tests: z.array(
    z.object({
      name: z.string(),
      certs: z.array(z.string()).min(2),
      crls: z.array(z.string()),
      valid: z.boolean(),
      initialPolicySet: z.array(z.string()),
      initialExplicitPolicy: z.boolean(),
      initialPolicyMappingInhibit: z.boolean(),
      initialInhibitAnyPolicy: z.boolean(),
    }),
  ),
})

type File = z.infer<typeof suiteFile>
type Case = File['tests'][number]

/** Suite `pkits` (NIST PKITS 1.0.1): the first certificate is the anchor, the last the end entity. */
export const readPkitsSuite: ReadSuite = async function* (input) {
  const file = suiteFile.parse(input.json)
  for (const item of file.tests) {
    yield {
      id: item.name,
      expected: item.valid ? 'accept' : 'reject',
      accepts: async () => {
        const request = await readRequest(item, file, input)
        return (await validatePath({ ...request, cpuNow: input.cpuMs })).verdict === 'passed'
      },
    }
  }
}

const readRequest = async (item: Case, file: File, { readBeside }: SuiteInput) => {
  const read = (folder: string, names: readonly string[], ending: string): Promise<Uint8Array[]> =>
    Promise.all(names.map((name) => readBeside(`${folder}/${name}.${ending}`)))
  const [anchor, ...rest] = await read('certs', item.certs, 'crt')
  return {
    leaf: rest.at(-1) ?? new Uint8Array(),
    pool: rest.slice(0, -1),
    anchors: anchor ? [anchor] : [],
    crls: await read('crls', item.crls, 'crl'),
    at: new Date(file.validationTime),
    policy: policyOf(item, file),
  }
}

/**
 * The suite is of RFC 3280's time, whose CAs were free to leave basicConstraints and policyConstraints
 * non-critical: that rule only informs.
 */
const policyOf = (item: Case, file: File): PathPolicy => ({
  ...strictPathPolicy,
  initialPolicies: item.initialPolicySet.map((name) => file.policyOids[name] ?? oid.anyPolicy),
  explicitPolicy: item.initialExplicitPolicy,
  inhibitPolicyMapping: item.initialPolicyMappingInhibit,
  inhibitAnyPolicy: item.initialInhibitAnyPolicy,
  levels: { must_be_critical: 'inform' },
})
