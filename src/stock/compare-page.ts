import type { CityDate } from '../contract/clock.ts'
import type { BatchId } from '../contract/ids.ts'
import type { LicenceDb } from '../licences/signing-certificate-store.ts'
import { areHolders, findNumberKin, findSeriesKin, type Kin } from '../licences/kin-store.ts'
import { licenceState } from '../licences/licence-state.ts'
import { liveStatuses } from '../licences/licence.ts'
import { type Candidate, type RowHashes, saysTheSame } from './candidate.ts'
import { groupKin, hexOf, type KinLookup } from './group-kin.ts'
import { type Finding, quarantined, type RowPlace } from './rules/finding.ts'
import type { LoadableRow } from './rules/row.ts'

export type Comparison = {
  readonly findings: readonly Finding[]
  readonly loaded: boolean
  /** The row ends a licence that counts today: by its status, or by dates outside of which today lies. */
  readonly ending: boolean
}

/**
 * Compares the rows of a page with the rows before them and with what is released: repeated rows,
 * identifiers with two contents, numbers of another holder. One comparison a candidate, in order.
 */
export const comparePage = async (
  db: LicenceDb,
  batchId: BatchId,
  candidates: readonly Candidate[],
  cityDate: CityDate,
): Promise<readonly Comparison[]> => {
  const known = await findKnown(db, batchId, candidates)
  const page: PageIndex = { bySeries: new Map(), byNumber: new Map() }
  return candidates.map((candidate) => {
    const comparison = compare(candidate, known, { page, cityDate })
    if (comparison.loaded) remember(page, candidate)
    return comparison
  })
}

type Known = {
  readonly bySeries: KinLookup
  readonly byNumber: KinLookup
  readonly sharesHolder: ReadonlySet<string>
}

const findKnown = async (
  db: LicenceDb,
  batchId: BatchId,
  candidates: readonly Candidate[],
): Promise<Known> => {
  const series = await findSeriesKin(
    db,
    batchId,
    candidates.flatMap((candidate) => candidate.series),
  )
  const numbers = await findNumberKin(
    db,
    batchId,
    candidates.flatMap((candidate) => candidate.number),
  )
  const byNumber = groupKin(numbers)
  const pairs = candidates.flatMap((candidate) =>
    byNumber(candidate.number).flatMap((kin) =>
      candidate.holders.flatMap((hashes) =>
        hashes.map((holder) => ({ candidate, kin, holder, typeCode: kin.typeCode })),
      ),
    ),
  )
  const held = await areHolders(
    db,
    pairs.map(({ kin, ...pair }) => ({ ...pair, licenceId: kin.licenceId })),
  )
  const shared = pairs.filter((_, at) => held[at])
  return {
    bySeries: groupKin(series),
    byNumber,
    sharesHolder: new Set(shared.map(({ candidate, kin }) => pairKey(candidate, kin))),
  }
}

const compare = (
  candidate: Candidate,
  known: Known,
  { page, cityDate }: { readonly page: PageIndex; readonly cityDate: CityDate },
): Comparison => {
  const series = known.bySeries(candidate.series)
  const finding =
    repeatInPage(candidate, page) ??
    repeatOfKin(candidate, series) ??
    conflictInPage(candidate, page) ??
    conflictWithKin(candidate, known)
  if (finding !== undefined) return { findings: [finding], loaded: false, ending: false }
  const { row } = candidate
  return {
    findings: isSuperseded(candidate, series) ? [supersededWarning(row)] : [],
    loaded: true,
    ending:
      licenceState(row, cityDate) !== 'active' &&
      series.some((kin) => kin.version <= row.version && kin.released && isInForce(kin, cityDate)),
  }
}

/** The rows of the page that are loaded so far, by the hashes under the current key. */
type PageIndex = {
  readonly bySeries: Map<string, Candidate>
  readonly byNumber: Map<string, Candidate[]>
}

const remember = (page: PageIndex, candidate: Candidate): void => {
  page.bySeries.set(seriesKey(candidate), candidate)
  const key = numberKey(candidate)
  const group = page.byNumber.get(key)
  if (group === undefined) page.byNumber.set(key, [candidate])
  else group.push(candidate)
}

const seriesKey = ({ series, row }: Candidate): string => `${firstHex(series)}.${row.version}`

const numberKey = ({ number, row }: Candidate): string => `${firstHex(number)}.${row.type.typeCode}`

const firstHex = ([current]: RowHashes): string => (current === undefined ? '' : hexOf(current))

const repeatInPage = (candidate: Candidate, page: PageIndex): Finding | undefined => {
  const twin = page.bySeries.get(seriesKey(candidate))
  if (twin === undefined) return undefined
  return repeated(
    candidate,
    twin.content.some((digest) => saysTheSame(candidate, digest)),
    twin.place,
  )
}

const repeatOfKin = (candidate: Candidate, series: readonly Kin[]): Finding | undefined => {
  const same = series.filter((kin) => kin.version === candidate.row.version)
  const twin = same.find((kin) => !kin.released)
  if (twin !== undefined)
    return repeated(candidate, saysTheSame(candidate, twin.contentDigest), placeOf(twin))
  const inStock = same.some(
    (kin) => kin.successorId === null && saysTheSame(candidate, kin.contentDigest),
  )
  return inStock ? { class: 'duplicate', rule: 'already_in_stock', pointer: '' } : undefined
}

const repeated = (candidate: Candidate, isSame: boolean, other: RowPlace): Finding =>
  isSame
    ? { class: 'duplicate', rule: 'duplicate_row', pointer: '', other }
    : { ...quarantined('identifier_conflict', '/licenceId', candidate.row.identifier), other }

/** The latest of the earlier rows is named. */
const conflictInPage = (candidate: Candidate, page: PageIndex): Finding | undefined => {
  const earlier = (page.byNumber.get(numberKey(candidate)) ?? []).findLast(
    (other) => !other.holders.some((one) => candidate.holders.some((two) => meet(one, two))),
  )
  return earlier === undefined ? undefined : conflict(candidate, earlier.place)
}

const conflictWithKin = (candidate: Candidate, known: Known): Finding | undefined => {
  const strangers = known
    .byNumber(candidate.number)
    .filter(
      (kin) =>
        kin.typeCode === candidate.row.type.typeCode &&
        !known.sharesHolder.has(pairKey(candidate, kin)),
    )
  const earlier = strangers.findLast((kin) => !kin.released)
  if (earlier !== undefined) return conflict(candidate, placeOf(earlier))
  return strangers.some((kin) => kin.released && isHead(kin)) ? conflict(candidate) : undefined
}

const conflict = ({ row }: Candidate, other?: RowPlace): Finding => ({
  ...quarantined('number_conflict', '/number', row.number),
  ...(other === undefined ? {} : { other }),
})

const isSuperseded = ({ row }: Candidate, series: readonly Kin[]): boolean =>
  isLive(row.status) &&
  series.some((kin) => kin.released && kin.version > row.version && isHead(kin))

const supersededWarning = (row: LoadableRow): Finding => ({
  class: 'warn',
  rule: 'version_superseded',
  pointer: '/status',
  given: row.status,
  corrected: 'changed',
})

const isLive = (status: string): boolean => liveStatuses.some((live) => live === status)
const isHead = (kin: Kin): boolean => kin.successorId === null && isLive(kin.status)
const isInForce = (kin: Kin, cityDate: CityDate): boolean =>
  isHead(kin) && (kin.validTo === null || kin.validTo >= cityDate)

const placeOf = ({ chunk, line }: Kin): RowPlace => ({ chunk, line })

const pairKey = ({ place }: Candidate, { licenceId }: Kin): string =>
  `${String(place.chunk)}.${String(place.line)}.${licenceId}`

const meet = (one: RowHashes, other: RowHashes): boolean =>
  one.some((hash) => other.some((candidate) => Buffer.compare(hash, candidate) === 0))
