import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/crypto/parse-json.ts'
import { judgeCase } from '../../../src/verification/conformance/judge-case.ts'
import { readMerkleSuite } from '../../../src/verification/conformance/read-merkle-suite.ts'
import { readSdJwtSuite } from '../../../src/verification/conformance/read-sd-jwt-suite.ts'
import { readWycheproofJwsSuite } from '../../../src/verification/conformance/read-wycheproof-jws-suite.ts'
import {
  addResult,
  emptySummary,
  type CaseResult,
  type ReadSuite,
} from '../../../src/verification/conformance/suite.ts'

const runJson = async (readSuite: ReadSuite, text: string): Promise<CaseResult[]> => {
  const readBeside = () => Promise.reject(new Error('not here'))
  const results: CaseResult[] = []
  const input = { json: parseJson(text), readBeside, now: new Date(0), cpuMs: () => 0 }
  for await (const item of readSuite(input)) results.push(await judgeCase(item, input.cpuMs))
  return results
}
const read = (name: string) =>
  readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')
const run = (readSuite: ReadSuite, name: string) => runJson(readSuite, read(name))
const summarise = (results: readonly CaseResult[]) => results.reduce(addResult, emptySummary)

describe('the conformance suites', () => {
  it('sd-jwt: all right', async () => {
    expect(summarise(await run(readSdJwtSuite, 'sd-jwt/sd-jwt-cases.json'))).toEqual({
      ...{ total: 116, right: 116, wrongAccept: 0, wrongReject: 0, noAnswer: 0 },
    })
  })

  it.each(['inclusion', 'consistency'])('merkle %s: all right', async (name) => {
    expect(summarise(await run(readMerkleSuite, `merkle/${name}.json`))).toEqual({
      ...{ total: 98, right: 98, wrongAccept: 0, wrongReject: 0, noAnswer: 0 },
    })
  })

  it('wycheproof-jws: no wrong accept, and only the refusals that are our rule', async () => {
    const file = 'wycheproof/json_web_signature_test.json'
    const results = await run(readWycheproofJwsSuite, file)
    expect(summarise(results)).toEqual({
      ...{ total: 401, right: 387, wrongAccept: 0, wrongReject: 14, noAnswer: 0 },
    })
    const refused = results.filter(({ expected, got }) => expected === 'accept' && got === 'reject')
    expect(refused.map(({ id }) => id)).toEqual([
      ...[1, 346, 347, 348, 350, 351, 352, 357, 358, 359, 372, 373, 376, 377],
    ])
  })
})

it('counts a crash as no answer, never as a refusal', async () => {
  const accepts = () => {
    throw new TypeError('bug')
  }
  const result = await judgeCase({ id: 1, expected: 'reject', accepts }, () => 0)
  expect(result.got).toBe('none')
  expect(addResult(emptySummary, result)).toMatchObject({ right: 0, noAnswer: 1 })
})

it('counts an accepted SD-JWT with other claims as no answer', async () => {
  const text = read('sd-jwt/sd-jwt-cases.json').replaceAll(/"claims": ?\{/g, '$&"more":1,')
  const results = await runJson(readSdJwtSuite, text)
  expect(summarise(results)).toMatchObject({ noAnswer: 14, wrongAccept: 0, right: 102 })
})
