import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadTrust } from '../../src/trust/load-trust.ts'
import { looksLikeTimestamp } from '../../src/trust/parse-timestamp.ts'
import { defaultPathPolicy } from '../../src/trust/path-policy.ts'
import { openTrust } from '../../src/trust/validate-path.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { verifyTimestamp, type TimestampReport } from '../../src/trust/verify-timestamp.ts'

const folder = fileURLToPath(new URL('../vectors/revocation/', import.meta.url))
const item = z.object({ id: z.string(), file: z.string(), trust: z.string(), at: z.string() })
const { cases } = z
  .object({ cases: z.array(item.extend({ expect: z.string(), why: z.string() })) })
  .parse(JSON.parse(await readFile(`${folder}index.json`, 'utf8')))

const verifier = createSignatureVerifier()

const judge = async (
  { file, trust, at }: z.infer<typeof item>,
  change: (token: Buffer) => Buffer = (token) => token,
): Promise<TimestampReport> => {
  const dataFile = `${folder}${file.replace(/\.tst$/, '.data')}`
  return verifyTimestamp(change(await readFile(`${folder}${file}`)), {
    data: existsSync(dataFile) ? await readFile(dataFile) : undefined,
    trust: openTrust(await loadTrust(`${folder}${trust}`)),
    at: new Date(at),
    policy: defaultPathPolicy,
    verifier,
  })
}

const codes: Readonly<Record<string, TimestampReport['code']>> = {
  'ts-good': 'passed',
  'ts-altered': 'timestamp_imprint_mismatch',
  'ts-no-data': 'timestamp_data_missing',
  'ts-sig-flipped': 'timestamp_signature_invalid',
  'ts-tsa-no-eku': 'timestamp_purpose',
  'ts-tsa-eku-not-critical-not-only': 'timestamp_purpose',
  'ts-stranger': 'timestamp_purpose',
  'ts-tsa-revoked': 'path',
}
const verdicts: Readonly<Record<string, readonly string[]>> = {
  TOTAL_PASSED: ['passed'],
  TOTAL_FAILED: ['failed'],
  INDETERMINATE: ['indeterminate'],
  NOT_PASSED: ['failed', 'indeterminate'],
}
const tokens = cases.filter(({ id }) => id.startsWith('ts-'))

describe('a timestamp token', () => {
  it.each(tokens)('$id: $why', async (token) => {
    const report = await judge(token)
    expect(report.code).toBe(codes[token.id])
    expect(verdicts[token.expect]).toContain(report.verdict)
  })

  it('passes with no bit flipped that its signature or its path covers', async () => {
    const good = tokens.find(({ id }) => id === 'ts-good')
    if (good === undefined) throw new Error('no ts-good')
    const bytes = await readFile(`${folder}${good.file}`)
    expect(looksLikeTimestamp(bytes)).toBe(true)
    for (let offset = 0; offset < bytes.length; offset += 7) {
      const report = await judge(good, (token) => {
        token.writeUInt8(token.readUInt8(offset) ^ 1, offset)
        return token
      })
      // Certificates that are only enclosed are not covered by the token's signature.
      if (report.verdict === 'passed') expect(report.path?.path).toHaveLength(3)
    }
  })
})
