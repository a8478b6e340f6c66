import type { BatchId } from '../contract/ids.ts'
import { findSeriesKin, type Kin } from '../licences/kin-store.ts'
import type { LicenceDb } from '../licences/signing-certificate-store.ts'
import { groupKin } from './group-kin.ts'
import type { Supersession } from './page-store.ts'

/** A licence with the keyed hashes of its identifier's series. */
export type LicenceInSeries = {
  readonly licence: { readonly claims: Own }
  readonly series: readonly Uint8Array[]
}

/** Which versions replace which, between a page of licences and all that are released or in its batch. */
export const findSupersessions = async (
  db: LicenceDb,
  batchId: BatchId,
  page: readonly LicenceInSeries[],
): Promise<readonly Supersession[]> => {
  const kin = await findSeriesKin(
    db,
    batchId,
    page.flatMap(({ series }) => series),
  )
  const relativesOf = groupKin(kin)
  return page.flatMap(({ licence, series }) => {
    const { licenceId, version } = licence.claims
    return relativesOf(series).flatMap((relative) => pairOf({ licenceId, version }, relative))
  })
}

type Own = { readonly licenceId: string; readonly version: string }

const pairOf = (own: Own, kin: Kin): readonly Supersession[] => {
  if (kin.licenceId === own.licenceId) return []
  const replaces = kin.released ? kin.version <= own.version : kin.version < own.version
  if (replaces && kin.successorId === null) {
    return [{ licenceId: kin.licenceId, successorId: own.licenceId }]
  }
  return kin.released && kin.version > own.version
    ? [{ licenceId: own.licenceId, successorId: kin.licenceId }]
    : []
}
