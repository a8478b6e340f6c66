import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digest } from '../crypto/digest.ts'
import {
  anchorPurposeOids,
  anchorPurposesFile,
  formatAnchorWords,
  parseAnchorWords,
  type AnchorPurpose,
} from './anchor-purposes.ts'
import { describeTrust, type TrustEntry } from './describe-trust.ts'
import { sortTrustFile } from './load-trust.ts'
import { toPem } from './pem.ts'
import type { SignatureVerifier } from './verify-signed.ts'

export type TrustToAdd = {
  readonly folder: string
  /** Base name of the file, for *.vkey. */
  readonly fileName: string
  readonly bytes: Uint8Array
  /** For the anchors in it; empty: all purposes. */
  readonly purposes: readonly AnchorPurpose[]
  readonly verifier: SignatureVerifier
}

/**
 * Writes what a file holds into a trust folder, one file each, named after its fingerprint, so that
 * adding twice changes nothing. Answers what was added; nothing when the file held nothing to trust.
 */
export const addTrust = async (order: TrustToAdd): Promise<readonly TrustEntry[]> => {
  const { folder, fileName, bytes, purposes, verifier } = order
  const found = sortTrustFile(fileName, bytes, verifier)
  const entries = describeTrust(found)
  if (entries.length === 0) return []
  await mkdir(folder, { recursive: true })
  for (const [label, ending, ders] of [
    ['CERTIFICATE', 'pem', [...found.anchors, ...found.pool]],
    ['X509 CRL', 'crl.pem', found.crls],
  ] as const) {
    for (const der of ders) await write(folder, der, ending, toPem(label, der))
  }
  for (const der of found.ocsp) await write(folder, der, 'ocsp', der)
  for (const line of found.noteKeys) await write(folder, Buffer.from(line), 'vkey', `${line}\n`)
  if (purposes.length === 0) return entries
  await limitAnchors(folder, entries, purposes)
  const limits = purposes.map((word) => anchorPurposeOids[word])
  return entries.map((entry) => (entry.kind === 'anchor' ? { ...entry, purposes: limits } : entry))
}

const write = async (
  folder: string,
  identity: Uint8Array,
  ending: string,
  content: string | Uint8Array,
): Promise<void> => {
  const name = Buffer.from(digest('sha-256', identity)).toString('hex').slice(0, 32)
  await writeFile(join(folder, `${name}.${ending}`), content)
}

const limitAnchors = async (
  folder: string,
  entries: readonly TrustEntry[],
  purposes: readonly AnchorPurpose[],
): Promise<void> => {
  const path = join(folder, anchorPurposesFile)
  const anchors = entries.filter(({ kind }) => kind === 'anchor')
  const added = Object.fromEntries(anchors.map(({ fingerprint }) => [fingerprint, purposes]))
  await writeFile(path, formatAnchorWords({ ...(await readWords(path)), ...added }))
}

const readWords = async (path: string): Promise<ReturnType<typeof parseAnchorWords>> => {
  try {
    return parseAnchorWords(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
