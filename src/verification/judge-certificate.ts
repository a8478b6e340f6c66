import { defaultPathPolicy } from '../trust/path-policy.ts'
import { verifyCertificate } from '../trust/verify-certificate.ts'
import { certificateFacts } from './certificate-facts.ts'
import { broken, passed } from './finding.ts'
import { pathFindings } from './issuer-path.ts'
import type { Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

/** Judges the first certificate of a file; further ones, CRLs and OCSP answers in it help, untrusted. */
export const judgeCertificate = (
  bytes: Uint8Array,
  { trust, at }: Pick<VerifyOptions, 'trust' | 'at'>,
): Judgement => {
  const { certificate, path } = verifyCertificate(bytes, {
    trust: trust.material,
    verifier: trust.certificateVerifier,
    at,
    policy: defaultPathPolicy,
  })
  if (certificate === undefined) {
    const findings = [broken('certificate_format', 'FORMAT_FAILURE')]
    return { artefact: 'certificate', findings, facts: {} }
  }
  return {
    artefact: 'certificate',
    findings: [passed('certificate_format'), ...pathFindings(path)],
    facts: { ...certificateFacts(certificate), path: path.path.map(({ id }) => id) },
  }
}
