import type { CertificatePath } from './build-paths.ts'
import type { CertificateStatus, StatusInputs } from './certificate-status.ts'
import { judgeByCrls } from './judge-crl-status.ts'
import { judgeByOcsp } from './judge-ocsp-status.ts'
import type { ParsedCertificate } from './parse-certificate.ts'

/** Status of a certificate by all data at hand: one believed bad answer outweighs any good one. */
export const judgeStatus = (
  certificate: ParsedCertificate,
  above: CertificatePath,
  inputs: StatusInputs,
): CertificateStatus => {
  const answers = [judgeByCrls(certificate, above, inputs), judgeByOcsp(certificate, above, inputs)]
  return (
    answers.find(({ kind }) => kind === 'revoked') ??
    answers.find(({ kind }) => kind === 'onHold') ??
    answers.find(({ kind }) => kind === 'good') ??
    answers.find((each) => each.kind === 'unknown' && each.reason !== 'no_data') ?? {
      kind: 'unknown',
      reason: 'no_data',
    }
  )
}
