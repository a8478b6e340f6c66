import { tryParseCertificate } from '../trust/certificate-source.ts'
import { defaultPathPolicy } from '../trust/path-policy.ts'
import { readPem } from '../trust/read-pem.ts'
import { certificateFacts } from './certificate-facts.ts'
import { broken, passed } from './finding.ts'
import { judgeChain, pathFindings } from './issuer-path.ts'
import type { Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

/** Judges the first certificate of a file; further ones of a PEM file help to find its path. */
export const judgeCertificate = (bytes: Uint8Array, options: VerifyOptions): Judgement => {
  const [leaf, ...others] = certificatesIn(bytes)
  const parsed = leaf && tryParseCertificate(leaf)
  if (leaf === undefined || parsed === undefined) {
    const findings = [broken('certificate_format', 'FORMAT_FAILURE')]
    return { artefact: 'certificate', findings, facts: {} }
  }
  const path = judgeChain([leaf, ...others], { ...options, policy: defaultPathPolicy })
  return {
    artefact: 'certificate',
    findings: [passed('certificate_format'), ...pathFindings(path)],
    facts: { ...certificateFacts(parsed), path: path.path.map(({ id }) => id) },
  }
}

const certificatesIn = (bytes: Uint8Array): readonly Uint8Array[] => {
  const text = Buffer.from(bytes).toString('latin1')
  if (!text.includes('-----BEGIN ')) return [bytes]
  return readPem(text).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [der] : []))
}
