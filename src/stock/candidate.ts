import { contentDigests } from '../licences/content-digest.ts'
import { holderText, seriesText } from '../licences/licence-index.ts'
import type { DataKeys, IndexKind } from '../store/data-keys.ts'
import type { RowPlace } from './rules/finding.ts'
import type { LoadableRow } from './rules/row.ts'

/** A row that is right by itself, with the keyed hashes under which others may know it. */
export type Candidate = {
  readonly place: RowPlace
  readonly row: LoadableRow
  readonly content: RowHashes
  readonly series: RowHashes
  readonly number: RowHashes
  readonly holders: readonly RowHashes[]
}

/** Hashes of one text under all valid keys, current first. */
export type RowHashes = readonly Uint8Array[]

export const toCandidate = (
  keys: Pick<DataKeys, 'indexAll'>,
  place: RowPlace,
  row: LoadableRow,
): Candidate => {
  const all = (kind: IndexKind, text: string): RowHashes =>
    keys.indexAll(kind, text).map(({ index }) => index)
  return {
    place,
    row,
    content: contentDigests(keys, { ...row, typeCode: row.type.typeCode }),
    series: all('identifier', seriesText(row.identifier)),
    number: all('number', row.number),
    holders: row.holders.map((holder) => all('holder', holderText(holder))),
  }
}

/** Whether a department said the same before; `digest` stands under any valid key. */
export const saysTheSame = ({ content }: Pick<Candidate, 'content'>, digest: Uint8Array): boolean =>
  content.some((each) => Buffer.compare(each, digest) === 0)
