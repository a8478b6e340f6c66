import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/crypto/parse-json.ts'
import { judgeCase } from '../../../src/verification/conformance/judge-case.ts'
import { readLimboSuite } from '../../../src/verification/conformance/read-limbo-suite.ts'
import { readPkitsSuite } from '../../../src/verification/conformance/read-pkits-suite.ts'
import { readWycheproofSigSuite } from '../../../src/verification/conformance/read-wycheproof-sig-suite.ts'
import {
  addResult,
  emptySummary,
  type CaseResult,
  type ReadSuite,
} from '../../../src/verification/conformance/suite.ts'

const vectors = fileURLToPath(new URL('../../vectors', import.meta.url))

const run = async (
  suite: ReadSuite,
  file: string,
  keep: (result: CaseResult) => boolean = () => true,
) => {
  const path = resolve(vectors, file)
  const cpuMs = (): number => process.cpuUsage().user / 1000
  const input = {
    json: parseJson(await readFile(path)),
    readBeside: (name: string) => readFile(resolve(dirname(path), name)),
    now: new Date('2026-11-23T12:00:00Z'),
    cpuMs,
  }
  const wrong: CaseResult['id'][] = []
  let summary = emptySummary
  let slowestMs = 0
  for await (const item of suite(input)) {
    const result = await judgeCase(item, cpuMs)
    if (!keep(result)) continue
    summary = addResult(summary, result)
    slowestMs = Math.max(slowestMs, result.cpuMs)
    if (result.got !== result.expected) wrong.push(result.id)
  }
  expect(slowestMs).toBeLessThan(1000)
  return { summary, wrong }
}

describe('path validation against the suites of others', () => {
  it('judges NIST PKITS right, but for the two valid DSA cases: DSA is not supported', async () => {
    const { summary, wrong } = await run(readPkitsSuite, 'pkits/pkits.json')
    expect(wrong).toEqual([
      'Section1ValidDSASignaturesTest4',
      'Section1ValidDSAParameterInheritanceTest5',
    ])
    expect(summary).toMatchObject({ total: 249, right: 247, wrongAccept: 0, noAnswer: 0 })
  })

  it('judges x509-limbo right, browser rules apart', async () => {
    const isOurs = ({ id }: CaseResult): boolean => !String(id).startsWith('webpki::')
    const { summary, wrong } = await run(readLimboSuite, 'limbo/limbo-sample.json', isOurs)
    expect(wrong).toEqual([])
    expect(summary).toMatchObject({ total: 33, right: 33 })
  })

  it.each([
    ['ecdsa_secp256r1_sha256_test.json', 484],
    ['ecdsa_secp256r1_sha256_p1363_test.json', 262],
    ['ed25519_test.json', 151],
  ])('judges every signature of wycheproof %s right', async (file, total) => {
    const { summary, wrong } = await run(readWycheproofSigSuite, `wycheproof/${file}`)
    expect(wrong).toEqual([])
    expect(summary).toMatchObject({ total, right: total })
  })
})
