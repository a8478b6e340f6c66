import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { roles } from '../contract/caller.ts'
import type { Clock } from '../contract/clock.ts'
import {
  type Answer,
  type DisclosedLicence,
  readEndpoint,
  type ReadEndpoint,
} from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { isUuid, newUuidV7, type RandomBytes } from '../contract/uuid.ts'
import { decodeBase64 } from '../crypto/base64url.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { type DigestName, digestText } from '../crypto/digest.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Report } from './report.ts'
import { findReport, reportRow, type VerificationDb } from './verification-store.ts'

export type VerificationDeps = {
  readonly db: VerificationDb
  readonly keys: Pick<DataKeys, 'seal' | 'open'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly judge: (bytes: Uint8Array) => Promise<Report>
  /** Names a file in the log. */
  readonly digestName: DigestName
  /** The credential of a licence whose number the caller knows; a wrong number looks like absence. */
  readonly findCredential: (licenceId: string, number: string) => Promise<Credential | undefined>
}

export type Credential = { readonly sdJwt: string; readonly disclosed: DisclosedLicence }

const fileBytesMax = 1_000_000

const body = z.union([
  /** Base64 of the file's bytes. */
  z.strictObject({
    file: z
      .string()
      .min(1)
      .max(Math.ceil(fileBytesMax / 3) * 4),
  }),
  z.strictObject({ licenceId: z.uuid(), number: z.string().min(1).max(100) }),
])
const checkData = z.object({
  code: z.string(),
  status: z.enum(['passed', 'failed', 'warning', 'skipped']),
  message: z.string(),
  messageZh: z.string(),
})
export const verificationData = z.object({
  verificationId: z.uuid(),
  verdict: z.enum(['TOTAL_PASSED', 'INDETERMINATE', 'TOTAL_FAILED']),
  subIndication: z.string().nullable(),
  messageZh: z.string(),
  message: z.string(),
  checks: z.array(checkData),
  /** Of the licence, by the stock; null for a file. */
  status: z.string().nullable(),
})
export const verificationReportData = z.object({
  verificationId: z.uuid(),
  report: z.record(z.string(), z.json()),
})

/** POST /v1/verifications, GET /v1/verifications/{verificationId}/report. */
export const verificationEndpoints = (deps: VerificationDeps): readonly ReadEndpoint[] => [
  readEndpoint({
    operationId: 'verify',
    method: 'POST',
    path: '/v1/verifications',
    summaryZh: '核验文件(凭据、回执、证书),或凭证照编号和证号核验证照',
    roles,
    idempotent: false,
    operatorRequired: false,
    bodyBytesMax: 1_400_000,
    codes: ['licence_not_found'],
    body,
    data: verificationData,
    handle: ({ caller, body: given }) => verify(deps, caller, given),
  }),
  readEndpoint({
    operationId: 'getVerificationReport',
    method: 'GET',
    path: '/v1/verifications/:verificationId/report',
    summaryZh: '取得核验报告全文',
    roles: ['A', 'C'],
    idempotent: false,
    operatorRequired: false,
    codes: ['verification_not_found'],
    data: verificationReportData,
    handle: ({ caller, params }) => read(deps, caller, params['verificationId'] ?? ''),
  }),
]

const verify = async (
  deps: VerificationDeps,
  caller: Caller,
  given: z.output<typeof body>,
): Promise<Answer> => {
  const credential = 'file' in given ? undefined : await credentialOf(deps, given)
  const bytes = 'file' in given ? bytesOf(given.file) : Buffer.from(credential?.sdJwt ?? '')
  const report = await deps.judge(bytes)
  const { verdict, subIndication = null, messageZh, message, checks, artefact } = report
  const now = deps.clock.now()
  const verificationId = newUuidV7(now.getTime(), deps.randomBytes)
  const status = credential?.disclosed.status ?? null
  const kept = { clientId: caller.clientId, report: asJson(report), now }
  return {
    status: 200,
    data: { verificationId, verdict, subIndication, messageZh, message, checks, status },
    deed: {
      action: 'verification.run',
      decision: 'allowed',
      ...(credential === undefined ? {} : { licences: [credential.disclosed] }),
      detail: {
        verificationId,
        artefact,
        verdict,
        ...('file' in given ? { fileDigest: digestText(deps.digestName, bytes) } : {}),
      },
    },
    companions: [reportRow(deps.keys, verificationId, kept)],
  }
}

const credentialOf = async (
  { findCredential }: VerificationDeps,
  { licenceId, number }: { readonly licenceId: string; readonly number: string },
): Promise<Credential> => {
  const credential = await findCredential(licenceId.toLowerCase(), number)
  if (credential === undefined) throw new GatewayError('licence_not_found')
  return credential
}

const bytesOf = (file: string): Uint8Array => {
  try {
    return decodeBase64(file)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    const detail = '文件须为规范的 base64'
    throw new GatewayError('validation_failed', detail, {
      cause,
      errors: [{ pointer: '/file', code: 'base64', detail }],
    })
  }
}

/** Optional members that are undefined do not exist in JSON. */
const asJson = (report: Report) => z.json().parse(JSON.parse(JSON.stringify(report)))

/** Auditors read every report, others what they asked for themselves. */
const read = async (
  { db, keys }: VerificationDeps,
  caller: Caller,
  verificationId: string,
): Promise<Answer> => {
  const kept = isUuid(verificationId) ? await findReport(db, keys, verificationId) : undefined
  const isTheirs = caller.roles.includes('A') || kept?.clientId === caller.clientId
  if (kept === undefined || !isTheirs) throw new GatewayError('verification_not_found')
  return {
    status: 200,
    data: { verificationId, report: kept.report },
    deed: { action: 'verification.read', decision: 'allowed', detail: { verificationId } },
  }
}
