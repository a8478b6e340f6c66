import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { cityDateOf } from '../../contract/clock.ts'
import { asId } from '../../contract/ids.ts'
import { newUuidV7, type RandomBytes } from '../../contract/uuid.ts'
import { encodeBase64Url } from '../../crypto/base64url.ts'
import { digestText } from '../../crypto/digest.ts'
import { createRandomPool } from '../../crypto/random-pool.ts'
import { loadNoteSigner } from '../../crypto/sign-note.ts'
import { makeEvent } from '../../ledger/event.ts'
import type { Filing } from '../../ledger/filing.ts'
import { type Ledger, openLedger } from '../../ledger/open-ledger.ts'
import { prepareFiling } from '../../ledger/prepare-filing.ts'
import { newReceiptNo } from '../../ledger/receipt-no.ts'
import { type DataKeys, loadDataKeys } from '../../store/data-keys.ts'
import { readKeyFile } from '../../store/key-file.ts'
import { openStore, type Store } from '../../store/open-store.ts'
import { createPeerTables, insertBareEvent, insertEvidence } from './filing-peer-store.ts'
import { type RunPart, serveParent } from './part.ts'

const questions = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('open'),
    databaseUrl: z.string(),
    dataKeys: z.string(),
    noteKey: z.string(),
  }),
  z.object({
    ask: z.literal('run'),
    how: z.enum(['batched', 'each', 'bareInsert']),
    count: z.int(),
    concurrency: z.int(),
  }),
])
type Run = Extract<z.output<typeof questions>, { ask: 'run' }>

type Desk = { readonly store: Store; readonly keys: DataKeys; readonly ledger: Ledger }

/** The process that files evidence, both ways, without HTTP around it. */
export const filingPart: RunPart = async ({ now, randomBytes }) => {
  let desk: Desk | undefined
  // As in a gateway.
  const sources = { now, randomBytes: createRandomPool(8192, randomBytes) }
  const ended = await serveParent(async (request) => {
    const question = questions.parse(request)
    if (question.ask === 'open') {
      desk = await openDesk(question, sources)
      return {}
    }
    if (desk === undefined) throw new Error('not open')
    return run(desk, question, sources)
  })
  await desk?.ledger.close()
  await desk?.store.close()
  return ended
}

type Sources = { readonly now: () => Date; readonly randomBytes: RandomBytes }

const openDesk = async (
  files: { readonly databaseUrl: string; readonly dataKeys: string; readonly noteKey: string },
  { now, randomBytes }: Sources,
): Promise<Desk> => {
  const store = await openStore({ databaseUrl: files.databaseUrl })
  await createPeerTables(store)
  const keys = loadDataKeys(await readKeyFile(files.dataKeys))
  const gateway = 'filing.bench'
  const ledger = await openLedger({
    store,
    keys,
    noteSigners: [loadNoteSigner(gateway, await readFile(files.noteKey, 'utf8'))],
    gateway,
    clock: { now },
    random: randomBytes,
  })
  return { store, keys, ledger }
}

/** Filings are made beforehand; sealing and committing to them is part of filing, for both. */
const run = async (
  { store, keys, ledger }: Desk,
  { how, count, concurrency }: Run,
  sources: Sources,
) => {
  const filings = Array.from({ length: count }, () => checkFiling(sources))
  const ready =
    how === 'bareInsert'
      ? filings.map((filing) => prepareFiling(filing, keys, sources.randomBytes))
      : []
  const act = {
    batched: (at: number) => ledger.file(entry(filings, at)),
    each: (at: number) =>
      insertEvidence(store, prepareFiling(entry(filings, at), keys, sources.randomBytes)),
    bareInsert: (at: number) => insertBareEvent(store, entry(ready, at)),
  }[how]
  const { drains } = ledger.health()
  const startedAt = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const seconds = (performance.now() - startedAt) / 1000
  return { operations: count, seconds, signatures: ledger.health().drains - drains }
}

const entry = <Item>(items: readonly Item[], at: number): Item => {
  const item = items[at]
  if (item === undefined) throw new RangeError('no such filing')
  return item
}

/** What a check of one material leaves behind. */
const checkFiling = ({ now, randomBytes }: Sources): Filing => {
  const no = newReceiptNo(randomBytes)
  const at = now()
  const id = (): string => newUuidV7(at.getTime(), randomBytes)
  const nonce = encodeBase64Url(randomBytes(16))
  const signatureBase = signatureBaseOf(id(), nonce)
  return {
    no,
    ...makeEvent({
      no,
      now: at,
      cityDate: cityDateOf(at),
      deed: {
        action: 'case.check',
        decision: 'allowed',
        caseId: id(),
        assurance: 'registered',
        itemCode: 'QD-GJJ-003',
        itemVersion: 1,
        legalBasis: '《住房公积金管理条例》第二十四条',
        subjectIndex: randomBytes(32),
        detail: { checkId: id(), materials: [{ code: 'QD-GJJ-003-M01', state: 'available' }] },
      },
      caller: {
        clientId: asId('bench-clerk-1'),
        certificateId: asId(encodeBase64Url(randomBytes(32))),
        operatorId: asId('bench-clerk-1-1'),
        operatorAsserted: true,
      },
      status: 200,
      requestDigest: digestText('sha-256', signatureBase),
      responseDigest: digestText('sha-256', nonce),
    }),
    nonce: { clientId: 'bench-clerk-1', nonce, keptUntil: new Date(at.getTime() + 600_000) },
    request: {
      signatureBase,
      signature: randomBytes(64),
      body: Buffer.from('{"materials":["QD-GJJ-003-M01"]}'),
    },
  }
}

const signatureBaseOf = (caseId: string, nonce: string): string =>
  [
    '"@method": POST',
    `"@target-uri": http://127.0.0.1:8018/v1/cases/${caseId}/checks`,
    '"content-type": application/json',
    '"content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
    '"zhengqiao-operator": bench-clerk-1-1',
    `"@signature-params": ("@method" "@target-uri" "content-type" "content-digest" "zhengqiao-operator");created=1700000000;nonce="${nonce}";keyid="47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";alg="ecdsa-p256-sha256"`,
  ].join('\n')
