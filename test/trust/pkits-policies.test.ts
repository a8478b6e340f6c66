import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { strictPathPolicy } from '../../src/trust/path-policy.ts'
import { validatePath } from '../../src/trust/validate-path.ts'

const folder = fileURLToPath(new URL('../vectors/pkits/', import.meta.url))
const suite = z
  .object({
    validationTime: z.string(),
    policyOids: z.record(z.string(), z.string()),
    tests: z.array(
      z.object({
        name: z.string(),
        certs: z.array(z.string()),
        crls: z.array(z.string()),
        valid: z.boolean(),
        initialPolicySet: z.array(z.string()),
        userConstrainedPolicySet: z.array(z.string()),
        initialExplicitPolicy: z.boolean(),
        initialPolicyMappingInhibit: z.boolean(),
        initialInhibitAnyPolicy: z.boolean(),
      }),
    ),
  })
  .parse(JSON.parse(await readFile(`${folder}pkits.json`, 'utf8')))

const read = (path: string): Promise<Buffer> => readFile(`${folder}${path}`)
const oids = (names: readonly string[]): readonly string[] =>
  names.map((name) => suite.policyOids[name] ?? name).sort()

it('gives the user-constrained policy set that PKITS states for every valid path', async () => {
  let compared = 0
  for (const test of suite.tests.filter(({ valid }) => valid)) {
    const ders = await Promise.all(test.certs.map((name) => read(`certs/${name}.crt`)))
    const verdict = await validatePath({
      leaf: ders.at(-1) ?? Buffer.alloc(0),
      pool: ders.slice(1, -1),
      anchors: ders.slice(0, 1),
      crls: await Promise.all(test.crls.map((name) => read(`crls/${name}.crl`))),
      at: new Date(suite.validationTime),
      policy: {
        ...strictPathPolicy,
        initialPolicies: oids(test.initialPolicySet),
        explicitPolicy: test.initialExplicitPolicy,
        inhibitPolicyMapping: test.initialPolicyMappingInhibit,
        inhibitAnyPolicy: test.initialInhibitAnyPolicy,
        levels: { must_be_critical: 'inform' },
      },
    })
    if (verdict.verdict !== 'passed') continue
    compared++
    expect([test.name, [...verdict.policies].sort()]).toEqual([
      test.name,
      oids(test.userConstrainedPolicySet),
    ])
  }
  expect(compared).toBe(112)
})
