import { z } from 'zod'
import type { Caller } from '../contract/caller.ts'
import { type CityDate, cityDateOf, cityTimeOf } from '../contract/clock.ts'
import type { Answer } from '../contract/endpoint.ts'
import { GatewayError } from '../contract/error.ts'
import { asId, type BatchId, type Uscc } from '../contract/ids.ts'
import { newUuidV7 } from '../contract/uuid.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { frontierRoot } from '../crypto/merkle.ts'
import { insertLicence } from '../licences/insert-licence-store.ts'
import { findSeriesKin, isBeingReleased, type Kin } from '../licences/kin-store.ts'
import { storedStatuses } from '../licences/licence.ts'
import type { NewLicence } from '../licences/new-licence.ts'
import { findCurrentSigningCertificate } from '../licences/signing-certificate-store.ts'
import { credentialIssuerOf, type SigningCertificate } from '../licences/signing-certificate.ts'
import { startOfWork } from './batch.ts'
import type { StockDb } from './batch-store.ts'
import { type Candidate, saysTheSame, toCandidate } from './candidate.ts'
import { comparePage } from './compare-page.ts'
import { findSupersessions } from './find-supersessions.ts'
import { actsFor } from './get-own-batch.ts'
import { makePage } from './make-page.ts'
import { refuseRow } from './refuse-row.ts'
import { readRowContext } from './row-context.ts'
import { examineLine } from './rules/examine-line.ts'
import { insertSingleBatch, insertSupersessions } from './single-store.ts'
import { signSingle } from './sign-single.ts'
import type { StoredStandingOrder } from './standing-order-store.ts'
import type { StockDeps } from './stock-deps.ts'
import { storeFrontier } from './stored-frontier.ts'
import { applySupersessions, lockIssuer } from './supersession-store.ts'
import { takeStandingOrder } from './take-standing-order.ts'

/** Whatever stands there: the rules of rows say what is wrong with it. */
const judged = z.json().exactOptional()

/** A row as in a batch; the rules judge it, so that a single issue and a load refuse the same. */
export const issueBody = z.strictObject({
  licenceId: judged,
  typeCode: judged,
  number: judged,
  version: judged,
  holders: judged,
  issuer: z.looseObject({ code: z.string().regex(/^[0-9A-Z]{18}$/) }),
  issuedAt: judged,
  validFrom: judged,
  validTo: judged,
  status: judged,
  trustLevel: judged,
  areaCode: judged,
  surface: judged,
  synthetic: judged,
})

export const issueData = z.object({
  licenceId: z.uuid(),
  version: z.string(),
  status: z.enum(storedStatuses),
  statusAsOf: z.string(),
  keyCustody: z.enum(['department', 'gateway']),
  /** The same content stood already; nothing new was issued. */
  repeated: z.boolean(),
  batchId: z.uuid(),
})

/**
 * Issues or replaces one licence under a steward's standing order; a check finds it as soon as this is
 * answered. The same content again answers with what stands.
 * @throws GatewayError scope_missing, validation_failed and the row's own codes, version_conflict,
 * batch_state, precondition_failed, hall_unavailable when the department's signer does not answer
 */
export const issueLicence = async (
  deps: StockDeps,
  tx: StockDb,
  caller: Caller,
  body: z.output<typeof issueBody>,
): Promise<Answer> => {
  const issuerCode = asId<Uscc>(body.issuer.code)
  const department = await deps.findDepartment(issuerCode)
  if (department === undefined || !actsFor(caller, department)) {
    throw new GatewayError('scope_missing', '只能颁发本部门或所属机构的证照')
  }
  const candidate = await examine(deps, tx, issuerCode, body)
  await lockIssuer(tx, issuerCode)
  if (await isBeingReleased(tx, candidate.series)) {
    throw new GatewayError('batch_state', '正在放行的批次含有同一证照,请稍后再试')
  }
  const certificate = await findCurrentSigningCertificate(tx, issuerCode)
  if (certificate === undefined) {
    throw new GatewayError('precondition_failed', '该机构还没有登记证照签发证书,不能颁发')
  }
  const now = deps.clock.now()
  const batchId = asId<BatchId>(newUuidV7(now.getTime(), deps.randomBytes))
  const standing = await findSame(tx, batchId, candidate)
  if (standing !== undefined) return repeatedAnswer(standing, certificate)
  await requireNoConflict(tx, { batchId, candidate, cityDate: deps.clock.cityDate() })
  const { typeCode } = candidate.row.type
  const order = await takeStandingOrder(deps, tx, { issuerCode, typeCode, day: cityDateOf(now) })
  return release(deps, tx, { batchId, issuerCode, candidate, certificate, order })
}

const examine = async (
  { keys, clock, people }: StockDeps,
  tx: StockDb,
  issuerCode: Uscc,
  body: unknown,
): Promise<Candidate> => {
  const context = await readRowContext(tx, issuerCode, {
    typeCodes: null,
    cityDate: clock.cityDate(),
    people,
  })
  const { row, findings } = examineLine(Buffer.from(JSON.stringify(body)), context)
  const wrongCheck = findings.some(({ rule }) => rule === 'identifier_check')
  if (row === undefined || wrongCheck) throw refuseRow(findings)
  return toCandidate(keys, { chunk: 1, line: 1 }, row)
}

const findSame = async (
  tx: StockDb,
  batchId: BatchId,
  candidate: Candidate,
): Promise<Kin | undefined> => {
  const kin = await findSeriesKin(tx, batchId, candidate.series)
  return kin.find(
    (each) =>
      each.version === candidate.row.version &&
      each.successorId === null &&
      saysTheSame(candidate, each.contentDigest),
  )
}

const requireNoConflict = async (
  tx: StockDb,
  {
    batchId,
    candidate,
    cityDate,
  }: { readonly batchId: BatchId; readonly candidate: Candidate; readonly cityDate: CityDate },
): Promise<void> => {
  const [comparison] = await comparePage(tx, batchId, [candidate], cityDate)
  const findings = comparison?.findings ?? []
  if (findings.some(({ rule }) => rule === 'version_superseded')) {
    throw new GatewayError('version_conflict', '已有更新的版本,不能再颁发旧版本')
  }
  if (comparison?.loaded !== true) throw refuseRow(findings)
}

type SingleRelease = {
  readonly batchId: BatchId
  readonly issuerCode: Uscc
  readonly candidate: Candidate
  readonly certificate: SigningCertificate
  readonly order: StoredStandingOrder
}

const release = async (
  deps: StockDeps,
  tx: StockDb,
  { batchId, issuerCode, candidate, certificate, order }: SingleRelease,
): Promise<Answer> => {
  const issuer = credentialIssuerOf(deps.base, certificate)
  const origin = { batch: { batchId, issuerCode }, certificate, issuer, statusSource: 'department' }
  const { licences, credentials, frontier } = await makePage(deps, origin, [candidate], startOfWork)
  const [licence] = licences
  const [credential] = credentials
  if (licence === undefined || credential === undefined) throw new RangeError('nothing was made')
  const signature = await signSingle(deps, certificate, order, credential)
  const root = frontierRoot(frontier, issuer.digestName)
  await insertSingleBatch(tx, {
    batchId,
    issuerCode,
    certificateId: certificate.certificateId,
    orderId: order.orderId,
    licenceId: licence.claims.licenceId,
    root,
    frontier: storeFrontier(frontier),
    now: licence.statusAsOf,
  })
  await insertLicence(tx, licence, signature)
  const inSeries = { licence, series: candidate.series }
  await insertSupersessions(tx, batchId, await findSupersessions(tx, batchId, [inSeries]))
  await applySupersessions(tx, batchId, licence.statusAsOf)
  return issuedAnswer({ licence, certificate, root, orderId: order.orderId })
}

const issuedAnswer = ({
  licence,
  certificate,
  root,
  orderId,
}: {
  readonly licence: NewLicence
  readonly certificate: SigningCertificate
  readonly root: Uint8Array
  readonly orderId: string
}): Answer => {
  const { licenceId, typeCode, version } = licence.claims
  const { batchId, status } = licence
  const statusAsOf = cityTimeOf(licence.statusAsOf)
  const { certificateId, keyCustody } = certificate
  return {
    status: 201,
    data: { licenceId, version, status, statusAsOf, keyCustody, repeated: false, batchId },
    deed: {
      action: 'licence.issue',
      decision: 'allowed',
      licences: [
        { licenceId, version, fields: [], status, statusAsOf, statusSource: licence.statusSource },
      ],
      detail: {
        batchId,
        typeCode,
        root: encodeBase64Url(root),
        rows: 1,
        certificateId,
        keyCustody,
        standingOrderId: orderId,
      },
    },
  }
}

const repeatedAnswer = (
  { licenceId, batchId, version, status, statusSource, ...kin }: Kin,
  { keyCustody }: SigningCertificate,
): Answer => {
  const statusAsOf = cityTimeOf(kin.statusAsOf)
  return {
    status: 200,
    data: { licenceId, version, status, statusAsOf, keyCustody, repeated: true, batchId },
    deed: {
      action: 'licence.issue',
      decision: 'allowed',
      licences: [{ licenceId, version, fields: [], status, statusAsOf, statusSource }],
      detail: { batchId, repeated: true },
    },
  }
}
