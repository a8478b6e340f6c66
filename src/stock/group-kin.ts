import type { Kin } from '../licences/kin-store.ts'

/** Looks relatives up by the keyed hashes under which they were found. */
export type KinLookup = (hashes: readonly Uint8Array[]) => readonly Kin[]

export const groupKin = (kin: readonly Kin[]): KinLookup => {
  const groups = new Map<string, Kin[]>()
  for (const each of kin) {
    const group = groups.get(each.index)
    if (group === undefined) groups.set(each.index, [each])
    else group.push(each)
  }
  return (hashes) => hashes.flatMap((hash) => groups.get(hexOf(hash)) ?? [])
}

export const hexOf = (hash: Uint8Array): string => Buffer.from(hash).toString('hex')
