import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { CredentialIssuer } from '../licences/credential.ts'
import type { NewLicence } from '../licences/new-licence.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Store } from '../store/open-store.ts'
import type { Batch, BatchProgress, RowCounts } from './batch.ts'
import { inPageTransaction } from './batch-store.ts'
import type { Block } from './chunk-store.ts'
import { type Candidate, toCandidate } from './candidate.ts'
import { comparePage, type Comparison } from './compare-page.ts'
import { linesOf } from './cut-blocks.ts'
import type { PlacedFinding } from './finding-store.ts'
import { makePage, rowsAtOnce } from './make-page.ts'
import { examineLine } from './rules/examine-line.ts'
import type { Finding, RowPlace } from './rules/finding.ts'
import type { RowContext } from './rules/row.ts'
import { storeFrontier } from './stored-frontier.ts'

export type ValidationDeps = {
  readonly store: Pick<Store, 'db'>
  readonly keys: DataKeys
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

/** What stays the same for all pages of one validation. */
export type Validation = {
  readonly batch: Batch
  readonly context: RowContext
  readonly certificate: SigningCertificate
  readonly issuer: CredentialIssuer
}

export type ValidatedPage = {
  readonly licences: readonly NewLicence[]
  readonly findings: readonly PlacedFinding[]
  readonly progress: BatchProgress
}

/** Judges one block of pushed lines and fixes the credentials of the rows that may be loaded. */
export const validatePage = async (
  deps: ValidationDeps,
  validation: Validation,
  block: Block,
  before: BatchProgress,
): Promise<ValidatedPage> => {
  const examined = await examineBlock(deps, validation, block)
  const candidates = examined.flatMap(({ candidate }) => candidate ?? [])
  const compared = await inPageTransaction(deps.store, (tx) =>
    comparePage(tx, validation.batch.batchId, candidates, validation.context.cityDate),
  )
  const outcomes = mergeOutcomes(examined, compared)
  const loaded = outcomes.flatMap(({ candidate, loaded }) => (loaded && candidate ? candidate : []))
  const made = await makePage(deps, validation, loaded, before)
  return {
    licences: made.licences,
    findings: outcomes.flatMap(({ place, findings }) =>
      findings.map((finding, position) => ({ ...place, position, finding })),
    ),
    progress: {
      page: before.page + 1,
      block: { chunk: block.chunk, firstLine: block.firstLine },
      lastLicenceId: made.licences.at(-1)?.claims.licenceId ?? before.lastLicenceId,
      frontier: storeFrontier(made.frontier),
      counts: addCounts(before.counts, outcomes),
    },
  }
}

type Examined = {
  readonly place: RowPlace
  readonly findings: readonly Finding[]
  readonly candidate: Candidate | undefined
}

const examineBlock = async (
  { keys }: ValidationDeps,
  { context }: Validation,
  block: Block,
): Promise<readonly Examined[]> => {
  const examined: Examined[] = []
  for (const { line, bytes } of linesOf(block)) {
    const { findings, row } = examineLine(bytes, context)
    const place = { chunk: block.chunk, line }
    const candidate = row === undefined ? undefined : toCandidate(keys, place, row)
    examined.push({ place, findings, candidate })
    if (examined.length % rowsAtOnce === 0) await setImmediate()
  }
  return examined
}

type Outcome = Examined & { readonly loaded: boolean; readonly ending: boolean }

const mergeOutcomes = (
  examined: readonly Examined[],
  compared: readonly Comparison[],
): readonly Outcome[] => {
  let next = 0
  return examined.map((row) => {
    if (row.candidate === undefined) return { ...row, loaded: false, ending: false }
    const comparison = compared[next++]
    if (comparison === undefined) throw new RangeError('fewer comparisons than rows')
    const { loaded, ending } = comparison
    const findings = [...comparison.findings, ...row.findings]
    return { ...row, findings, loaded, ending }
  })
}

const addCounts = (before: RowCounts, outcomes: readonly Outcome[]): RowCounts => {
  const has = (outcome: Outcome, wanted: Finding['class']) =>
    outcome.findings.some((finding) => finding.class === wanted)
  const count = (test: (outcome: Outcome) => boolean) => outcomes.filter(test).length
  return {
    valid: before.valid + count(({ loaded }) => loaded),
    warned: before.warned + count((outcome) => outcome.loaded && has(outcome, 'warn')),
    duplicate: before.duplicate + count((outcome) => has(outcome, 'duplicate')),
    quarantined: before.quarantined + count((outcome) => has(outcome, 'quarantine')),
    ending: before.ending + count(({ ending }) => ending),
  }
}
