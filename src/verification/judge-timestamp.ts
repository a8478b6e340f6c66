import type { Json } from '../contract/endpoint.ts'
import type { TimestampInfo } from '../trust/parse-timestamp.ts'
import { defaultPathPolicy } from '../trust/path-policy.ts'
import {
  verifyTimestamp,
  type TimestampCode,
  type TimestampReport,
} from '../trust/verify-timestamp.ts'
import { certificateFacts } from './certificate-facts.ts'
import type { CheckCode } from './check-texts.ts'
import { broken, open, passed, skipped } from './finding.ts'
import { pathFindings } from './issuer-path.ts'
import type { Finding, Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

/** In the order in which they are judged; the first fault ends the judgement. */
const steps: readonly (readonly [CheckCode, readonly TimestampCode[]])[] = [
  ['timestamp_format', ['timestamp_malformed']],
  ['timestamp_signer', ['timestamp_certificate_missing', 'timestamp_certificate_mismatch']],
  ['timestamp_algorithm', ['timestamp_algorithm']],
  ['timestamp_signature', ['timestamp_signature_invalid']],
  ['timestamp_imprint', ['timestamp_imprint_mismatch']],
  ['timestamp_purpose', ['timestamp_purpose']],
  ['timestamp_time', ['timestamp_in_future', 'timestamp_outside_certificate']],
]

/** Judges an RFC 3161 timestamp token over `options.detached`, with the path of its authority. */
export const judgeTimestamp = (token: Uint8Array, options: VerifyOptions): Judgement => {
  const { trust, at, detached } = options
  const report = verifyTimestamp(token, {
    ...{ data: detached, trust: trust.material, at },
    ...{ policy: defaultPathPolicy, verifier: trust.certificateVerifier },
  })
  return {
    artefact: 'timestamp',
    findings: [
      ...tokenFindings(report, detached !== undefined),
      ...(report.path === undefined ? [] : pathFindings(report.path)),
    ],
    facts: {
      ...(report.info === undefined ? {} : infoFacts(report.info)),
      ...(report.certificate === undefined ? {} : { signer: certificateFacts(report.certificate) }),
    },
  }
}

const tokenFindings = (report: TimestampReport, hasData: boolean): readonly Finding[] => {
  const failedAt = steps.findIndex(([, codes]) => codes.includes(report.code))
  return steps.map(([code], at) => {
    if (failedAt >= 0 && at > failedAt) return skipped(code)
    if (at === failedAt) return faultOf(code, report)
    if (code === 'timestamp_imprint' && !hasData) return open(code, 'SIGNED_DATA_NOT_FOUND')
    return passed(code)
  })
}

const faultOf = (code: CheckCode, report: TimestampReport): Finding => {
  const { verdict, subIndication = 'GENERIC' } = report
  return verdict === 'indeterminate'
    ? open(code, subIndication, report.code)
    : broken(code, subIndication, report.code)
}

const infoFacts = (info: TimestampInfo): Readonly<Record<string, Json>> => ({
  time: info.time.toISOString(),
  policy: info.policy,
  hash: info.hash,
  imprint: Buffer.from(info.imprint).toString('hex'),
  serial: Buffer.from(info.serial).toString('hex'),
})
