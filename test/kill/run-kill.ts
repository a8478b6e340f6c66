// kill -9 under load: `npm run test:kill [ROUNDS]` kills the gateway, the signer and the database in turn,
// ROUNDS times each (20), while cases are registered and read and batches are released. Afterwards every
// answer that was given must still be true. Prints one JSON object; exit code 1 when one is not.
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../src/store/open-store.ts'
import { type KillCity, openKillCity, targets } from './kill-city.ts'
import { type Promised, startLoad } from './kill-load.ts'

const settleMs = 1500
/** How long an event may wait in the outbox with nobody asking for anything. */
const movedMs = 30_000

const run = async (rounds: number): Promise<number> => {
  const city = await openKillCity()
  try {
    const load = await startLoad(city)
    for (let round = 1; round <= rounds; round += 1) {
      for (const target of targets) {
        await sleep(randomInt(500, 2000))
        await city.kill(target)
        await sleep(settleMs)
        const { receipts, cases } = load.promised
        const sofar = `${String(receipts.length)} answers, ${String(cases.size)} cases`
        process.stderr.write(`round ${String(round)}: ${target}, ${sofar}\n`)
      }
    }
    await load.stop()
    const found = await compare(city, load.promised)
    const isKept = [found.lost, found.doubled, found.owed, found.answersWithoutEvent].every(
      (n) => n === 0,
    )
    process.stdout.write(`${JSON.stringify({ rounds, targets, ...found, isKept })}\n`)
    return isKept ? 0 : 1
  } finally {
    await city.close()
  }
}

const compare = async ({ dataDir }: KillCity, promised: Promised) => {
  const store = await openStore({ dataDir })
  const count = async (sql: string, values: readonly unknown[] = []): Promise<number> => {
    const { rows } = await store.pool.query<{ n: number }>(sql, [...values])
    return rows[0]?.n ?? Number.NaN
  }
  const owed = () => count('select count(*) as n from ledger_outbox')
  try {
    // What was committed while the log was away is moved into it by itself, and soon.
    const until = Date.now() + movedMs
    while ((await owed()) > 0 && Date.now() < until) await sleep(200)
    const receipts = [...new Set(promised.receipts)]
    const filed = await count('select count(*) as n from ledger_event where receipt_no = any($1)', [
      receipts,
    ])
    const cases = [...promised.cases.entries()]
    const kept = await count(
      `select count(*) as n from case_file join unnest($1::text[], $2::uuid[]) as given (no, id)
         on case_no = no and case_id = id`,
      [cases.map(([no]) => no), cases.map(([, id]) => id)],
    )
    const caseRows = await count('select count(*) as n from case_file')
    const filedTwice = await count(
      `select count(*) as n from (select case_id from ledger_event
         where action = 'case.register' and decision = 'allowed'
         group by case_id having count(*) > 1) as twice`,
    )
    const released = [...promised.batches].flatMap(([id, state]) =>
      state === 'released' ? [id] : [],
    )
    const releasedRows = await count(
      'select coalesce(sum(rows_valid), 0)::bigint as n from batch where batch_id = any($1)',
      [released],
    )
    const licences = await count('select count(*) as n from licence where batch_id = any($1)', [
      released,
    ])
    const signatures = await count(
      `select count(*) as n from licence_signature join licence using (licence_id)
         where batch_id = any($1)`,
      [released],
    )
    const releaseEvents = await count(
      "select count(*) as n from ledger_event where action = 'batch.released'",
    )
    const issued = [...promised.licences]
    const issuedKept = await count(
      `select count(*) as n from licence join licence_signature using (licence_id)
         join batch using (batch_id) where licence_id = any($1) and batch.state = 'released'`,
      [issued],
    )
    const singles = await count("select count(*) as n from batch where format = 'single'")
    const lostLicences = Math.max(0, releasedRows - Math.min(licences, signatures))
    const doubledBy = {
      cases: Math.max(0, caseRows - cases.length),
      registrationEvents: filedTwice,
      singles: Math.max(0, singles - issued.length),
      licences: Math.max(0, licences - releasedRows),
      releaseEvents: Math.abs(releaseEvents - released.length),
    }
    return {
      answers: promised.receipts.length,
      cases: cases.length,
      batches: { accepted: promised.batches.size, released: released.length, releaseEvents },
      licences: releasedRows,
      singles: issued.length,
      lostAnswers: promised.lostAnswers,
      retryableRefusals: promised.refusals,
      events: await count('select count(*) as n from ledger_event'),
      owed: await owed(),
      lost:
        cases.length -
        kept +
        (issued.length - issuedKept) +
        lostLicences +
        (promised.batches.size - released.length),
      doubled: Object.values(doubledBy).reduce((sum, n) => sum + n, 0),
      doubledBy,
      answersWithoutEvent: receipts.length - filed,
    }
  } finally {
    await store.close()
  }
}

process.exitCode = await run(Number(process.argv[2] ?? 20))
