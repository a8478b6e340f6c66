import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { emptyTrustFolder, loadTrust } from '../../src/trust/load-trust.ts'
import { defaultPathPolicy } from '../../src/trust/path-policy.ts'
import { openTrust } from '../../src/trust/validate-path.ts'
import { verifyCertificate } from '../../src/trust/verify-certificate.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'

const folder = fileURLToPath(new URL('../vectors/revocation/', import.meta.url))
const index = z
  .object({
    cases: z.array(
      z
        .object({ id: z.string(), file: z.string(), trust: z.string(), at: z.string() })
        .and(z.object({ expect: z.string(), why: z.string() })),
    ),
  })
  .parse(JSON.parse(await readFile(`${folder}index.json`, 'utf8')))

const words = { passed: 'TOTAL_PASSED', failed: 'TOTAL_FAILED', indeterminate: 'INDETERMINATE' }
const verifier = createSignatureVerifier()

describe('a certificate file', () => {
  it.each(
    index.cases.filter(({ id, expect: word }) => id.startsWith('cert-') && word !== 'NOT_SCORED'),
  )('$id: $why', async (item) => {
    const { path } = verifyCertificate(await readFile(`${folder}${item.file}`), {
      trust: openTrust(await loadTrust(`${folder}${item.trust}`)),
      at: new Date(item.at),
      policy: defaultPathPolicy,
      verifier,
    })
    expect(words[path.verdict]).toBe(item.expect)
    expect(path.checks.filter(({ status }) => status === 'failed').length > 0).toBe(
      item.expect !== 'TOTAL_PASSED',
    )
  })

  it('says what is wrong with a file that holds no certificate', () => {
    const { path, certificate } = verifyCertificate(Buffer.from('no certificate'), {
      trust: openTrust(emptyTrustFolder),
      at: new Date(0),
      policy: defaultPathPolicy,
      verifier,
    })
    expect(path).toMatchObject({ verdict: 'failed', code: 'malformed_certificate' })
    expect(path.messageZh).toContain('证书格式错误')
    expect(certificate).toBeUndefined()
  })
})
