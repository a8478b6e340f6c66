import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { emptyTrustFolder, loadTrust, sortTrustFile } from '../../src/trust/load-trust.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'

const { verifiers } = await openGmCrypto({ random: randomBytes })
const certificateVerifier = createSignatureVerifier(verifiers.verifyDer)
const vectors = fileURLToPath(new URL('../vectors/', import.meta.url))
const read = (path: string): Buffer => readFileSync(`${vectors}${path}`)

const allowed: Readonly<Record<string, readonly string[]>> = {
  NOT_PASSED: ['TOTAL_FAILED', 'INDETERMINATE'],
  NOT_SCORED: ['TOTAL_PASSED', 'TOTAL_FAILED', 'INDETERMINATE'],
}

describe('certificates with revocation data and timestamp tokens, made with openssl', () => {
  const { cases } = z
    .object({
      cases: z.array(
        z.object({
          ...{ id: z.string(), file: z.string(), trust: z.string() },
          ...{ at: z.string(), expect: z.string(), why: z.string() },
        }),
      ),
    })
    .parse(JSON.parse(read('revocation/index.json').toString()))

  it.each(cases)('$id: $why', async ({ file, trust, at, expect: wanted }) => {
    const data = `revocation/${file.replace(/\.tst$/, '.data')}`
    const report = verifyArtefact(read(`revocation/${file}`), {
      trust: openVerificationTrust(await loadTrust(`${vectors}revocation/${trust}`), {
        certificateVerifier,
      }),
      at: new Date(at),
      detached: existsSync(`${vectors}${data}`) ? read(data) : undefined,
    })
    expect(report.artefact).toBe(file.endsWith('.tst') ? 'timestamp' : 'certificate')
    expect(allowed[wanted] ?? [wanted]).toContain(report.verdict)
  })
})

const cmsFile = z.object({ file: z.string(), what: z.string(), signature: z.string() })
const { cases: cmsCases } = z
  .object({
    cases: z.array(
      cmsFile.extend({ anchor: z.string(), at: z.string(), content: z.string().nullable() }),
    ),
  })
  .parse(JSON.parse(read('gm/cms.json').toString()))

const judgeCms = ({ file, anchor, at, content }: (typeof cmsCases)[number], hasContent = true) =>
  verifyArtefact(read(`gm/cms/${file}`), {
    trust: openVerificationTrust(
      sortTrustFile('anchor.pem', read(`gm/cms/${anchor}`), certificateVerifier),
      { certificateVerifier },
    ),
    at: new Date(at),
    detached: content !== null && hasContent ? read(`gm/cms/${content}`) : undefined,
  })

describe('signed data (RFC 5652 and GB/T 35275)', () => {
  it.each(cmsCases)('$file: $what', (item) => {
    const { verdict, subIndication, artefact } = judgeCms(item)
    expect(artefact).toBe('signed_data')
    // The signer's authority publishes no CRL, so that a right signature is not yet a valid one.
    if (item.signature === 'valid')
      expect({ verdict, subIndication }).toEqual({
        verdict: 'INDETERMINATE',
        subIndication: 'TRY_LATER',
      })
    else expect(verdict).toBe('TOTAL_FAILED')
  })

  it('is undecided without the content of a detached signature, but sees a wrong one', () => {
    const detached = cmsCases.filter(({ content }) => content !== null)
    expect(detached).toHaveLength(2)
    for (const item of detached) {
      const { verdict, subIndication } = judgeCms(item, false)
      expect(subIndication).toBe(
        item.signature === 'valid' ? 'SIGNED_DATA_NOT_FOUND' : 'SIG_CRYPTO_FAILURE',
      )
      expect(verdict).toBe(item.signature === 'valid' ? 'INDETERMINATE' : 'TOTAL_FAILED')
    }
  })
})

it('takes a file that is named a timestamp for nothing else', () => {
  const trust = openVerificationTrust(emptyTrustFolder, { certificateVerifier })
  const at = new Date('2026-11-23T12:00:00Z')
  for (const bytes of [Buffer.alloc(0), Buffer.from('一封信'), read('gm/cms/cms-rfc-attrs.der')]) {
    const report = verifyArtefact(bytes, { trust, at, look: 'timestamp' })
    expect(report).toMatchObject({ verdict: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
  }
})
