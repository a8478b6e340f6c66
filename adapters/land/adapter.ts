import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { cityTimeOf } from '../../src/contract/clock.ts'
import {
  failed,
  judgeAnswer,
  parseSettings,
  secretSetting,
  SettingsError,
  tlsSettings,
  unasked,
  type AdapterSetup,
  type Failed,
  type FeedOutcome,
  type FetchOutcome,
  type FindOutcome,
  type HallAdapter,
  type HallContext,
  type HallQuery,
  type None,
  type OpenAdapter,
  type Pending,
} from '../../src/halls/adapter.ts'
import {
  failureOfError,
  insertQuery,
  lookAtQuery,
  markQuery,
  openFrontend,
  postgresDialect,
  readAnswers,
  rowStates,
  type AnswerRow,
  type Frontend,
  type NewQuery,
} from './frontend.ts'
import { decodeBusiness, decodeLicences, documentKindOf, judgeRows } from './messages.ts'
import { reconcileDay } from './reconcile.ts'
import { heartbeat, interfaces, supervision } from './tables.ts'

const settingsSchema = z.strictObject({
  /** URL of the front-end database with the role's password. */
  databaseUrl: secretSetting,
  tls: tlsSettings.optional(),
  /** Our name in the rows; the role sees rows of this name only. */
  unit: z.string().min(1).max(64),
  connectionsMax: z.number().int().min(1).max(32).default(4),
  statementTimeoutMs: z.number().int().min(500).max(30_000).default(5_000),
  pollMs: z.number().int().min(20).max(10_000).default(1_000),
  inlineWaitMs: z.number().int().min(0).max(8_000).default(1_500),
  /** After so long a row that was taken and not answered counts as lost. */
  stuckAfterMs: z.number().int().min(1_000).default(600_000),
})

const answerBytesMax = 10 * 1024 * 1024

type Hall = {
  readonly setup: AdapterSetup
  readonly settings: z.output<typeof settingsSchema>
  readonly db: Kysely<Frontend>
}

/** Land registry, through the two tables of a front-end database (README.md of this folder). */
export const openLand: OpenAdapter = async (setup) => {
  const settings = parseSettings(setup.hallId, settingsSchema, setup.settings)
  const databaseUrl = (await setup.readSecret(settings.databaseUrl)).reveal()
  requireOneTls(setup.hallId, databaseUrl, settings.tls)
  const { connectionsMax, statementTimeoutMs } = settings
  const tls = await readTls(settings)
  const { dialect } = postgresDialect({ databaseUrl, connectionsMax, statementTimeoutMs, ...tls })
  return makeAdapter({ setup, settings, db: openFrontend(dialect) })
}

const readTls = async ({ tls }: z.output<typeof settingsSchema>) => {
  if (tls === undefined) return {}
  const read = async (file: string | undefined) =>
    file === undefined ? undefined : readFile(file, 'utf8')
  const [ca, cert, key] = await Promise.all(
    [tls.caFile, tls.certificateFile, tls.keyFile].map((file) => read(file)),
  )
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...serverIdentity(tls.serverName),
    },
  }
}

/** The driver names the host of the URL itself: which name must stand in the certificate is said here. */
const serverIdentity = (serverName: string | undefined) =>
  serverName === undefined
    ? {}
    : {
        servername: serverName,
        checkServerIdentity: (_: string, certificate: PeerCertificate) =>
          checkServerIdentity(serverName, certificate),
      }

/** What a URL says of TLS goes before the settings, with the driver: then the settings say nothing. */
const requireOneTls = (hallId: string, databaseUrl: string, tls: unknown): void => {
  if (tls !== undefined && /[?&](ssl|uselibpqcompat)/i.test(databaseUrl))
    throw new SettingsError(hallId, ['settings.databaseUrl: no ssl parameters beside settings.tls'])
}

const makeAdapter = (hall: Hall): HallAdapter => ({
  typeCodes: [...interfaces.keys()],
  canRepeatFind: () => true,
  find: (query, ctx) => find(hall, query, ctx),
  fetch: (ref, query, ctx) => fetchOne(hall, ref, query, ctx),
  probe: async (signal) => {
    const answer = await askAndWait(hall, serviceRow(hall, heartbeat), probeWaitMs, signal)
    if (answer.state === 'pending') return failed('timeout', 'row_not_answered')
    return answer.state === 'failed' ? answer : { state: 'up' }
  },
  feed: (since, signal) => feed(hall, since, signal),
  reconcile: (day) => reconcileDay(hall.db, day).catch(failureOfError),
  close: () => hall.db.destroy(),
})

const probeWaitMs = 3_000

const newRow = ({ setup, settings }: Hall, jkbm: string) => ({
  sqid: Buffer.from(setup.random(16)).toString('hex'),
  dwdm: settings.unit,
  jkbm,
})

const serviceRow = (hall: Hall, jkbm: string): NewQuery => ({
  ...newRow(hall, jkbm),
  qlrmc: null,
  zjzl: null,
  zjh: null,
  czybh: null,
  ywbh: null,
})

const find = async (hall: Hall, query: HallQuery, ctx: HallContext): Promise<FindOutcome> => {
  const land = interfaces.get(query.typeCode)
  if (land === undefined) return unasked('type_not_offered', 'no_interface')
  const { idType, id, name } = query.holder
  const row: NewQuery = {
    ...newRow(hall, land.name),
    qlrmc: name,
    zjzl: documentKindOf(idType),
    zjh: id,
    czybh: ctx.operator.id,
    ywbh: ctx.caseNo,
  }
  const answer =
    query.ticket === undefined
      ? await askAndWait(hall, row, hall.settings.inlineWaitMs, ctx.signal)
      : await untilDeadline(lookOnce(hall, query.ticket), ctx.signal)
  if (answer.state !== 'rows') return answer
  const { typeCode } = query
  const { clock, digestName } = hall.setup
  const asOf = cityTimeOf(clock.now())
  const decoded = decodeLicences(answer.rows, { typeCode, asOf, digestName })
  return decoded.state === 'failed' ? decoded : judgeAnswer(decoded.licences, query.holder)
}

type Answer =
  { readonly state: 'rows'; readonly rows: readonly AnswerRow[] } | None | Pending | Failed

/** Inserts one row and looks for its answer at growing intervals, up to the setting's `pollMs`. */
const askAndWait = async (
  hall: Hall,
  row: NewQuery,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Answer> => {
  if (signal.aborted) return failed('timeout', 'deadline_before_send')
  const inserted = await untilDeadline(guarded(insertQuery(hall.db, row)), signal)
  if (inserted !== undefined) return inserted
  const waited = await waitFor(hall, row.sqid, budgetMs, signal)
  if (waited.state === 'failed' && waited.kind === 'timeout') await withdraw(hall, row.sqid, signal)
  return waited
}

const guarded = (work: Promise<void>): Promise<Failed | undefined> =>
  work.then(() => undefined, failureOfError)

const waitFor = async (
  hall: Hall,
  sqid: string,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Answer> => {
  const { clock } = hall.setup
  const startedMs = clock.now().getTime()
  let pauseMs = Math.min(100, hall.settings.pollMs)
  for (;;) {
    if (!(await sleep(pauseMs, signal))) return failed('timeout', 'row_not_answered')
    const answer = await untilDeadline(lookOnce(hall, sqid), signal)
    const isOver = clock.now().getTime() - startedMs + pauseMs >= budgetMs
    if (answer.state !== 'pending' || (isOver && answer.ticket !== '')) return answer
    if (isOver) return failed('timeout', 'row_not_taken')
    pauseMs = Math.min(pauseMs * 2, hall.settings.pollMs)
  }
}

const sleep = (ms: number, signal: AbortSignal): Promise<boolean> =>
  delay(ms, true, { signal }).catch(() => false)

/** One look at a row: its answer, or pending — without a ticket while nobody has taken the row. */
const lookOnce = async (hall: Hall, sqid: string): Promise<Answer> => {
  try {
    const look = await lookAtQuery(hall.db, sqid)
    if (look === undefined) return failed('rejected', 'row_missing', { reason: 'expired' })
    if (look.zt === rowStates.withdrawn)
      return failed('rejected', 'row_withdrawn', { reason: 'expired' })
    if (look.zt >= rowStates.answered) return await takeAnswer(hall, sqid, look.bytes)
    return await stillWaiting(hall, sqid, look)
  } catch (error) {
    return failureOfError(error)
  }
}

const takeAnswer = async ({ db }: Hall, sqid: string, bytes: number): Promise<Answer> => {
  if (bytes > answerBytesMax) return failed('malformed', 'body_too_large')
  const answer = judgeRows(await readAnswers(db, sqid))
  await markQuery(db, sqid, rowStates.read, rowStates.answered)
  return answer
}

const stillWaiting = async (
  { db, setup, settings }: Hall,
  sqid: string,
  { zt, askedAt }: { readonly zt: number; readonly askedAt: Date },
): Promise<Pending | Failed> => {
  const nowMs = setup.clock.now().getTime()
  if (nowMs - askedAt.getTime() > settings.stuckAfterMs) {
    await markQuery(db, sqid, rowStates.withdrawn)
    return failed('timeout', 'row_stuck')
  }
  const retryAt = new Date(nowMs + settings.pollMs)
  return { state: 'pending', ticket: zt === rowStates.taken ? sqid : '', retryAt }
}

/**
 * A row that nobody took is withdrawn, so that the land side does no work for a clerk who has gone; it
 * may have been taken in this very moment, then it stays and reconciliation counts it.
 */
const withdraw = async ({ db }: Hall, sqid: string, signal: AbortSignal): Promise<void> => {
  const withdrawn = guarded(markQuery(db, sqid, rowStates.withdrawn, rowStates.fresh))
  if (!signal.aborted) await withdrawn
}

/** The driver cannot be interrupted: its own statement timeout ends what the deadline leaves behind. */
const untilDeadline = <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | Failed> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => {
      resolve(failed('timeout', 'no_answer'))
    }
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort)
    })
  })

const fetchOne = async (
  hall: Hall,
  ref: string,
  query: HallQuery,
  ctx: HallContext,
): Promise<FetchOutcome> => {
  const outcome = await find(hall, query, ctx)
  if (outcome.state !== 'found') return outcome
  const licence = outcome.candidates.find((candidate) => candidate.ref === ref)?.licence
  return licence === undefined
    ? { state: 'none', because: 'absent' }
    : { state: 'licence', licence }
}

const feed = async (hall: Hall, since: Date, signal: AbortSignal): Promise<FeedOutcome> => {
  const row = { ...serviceRow(hall, supervision), ywbh: cityTimeOf(since) }
  const answer = await askAndWait(hall, row, probeWaitMs, signal)
  if (answer.state === 'pending') return failed('timeout', 'row_not_answered')
  if (answer.state === 'none') return failed('malformed', 'business_missing')
  if (answer.state === 'failed') return answer
  const business = decodeBusiness(answer.rows[0]?.nr ?? '', cityTimeOf(hall.setup.clock.now()))
  return 'state' in business ? business : { state: 'business', business }
}
