import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digest } from '../crypto/digest.ts'
import { anchorPurposesFile, parseAnchorPurposes, type AnchorPurposes } from './anchor-purposes.ts'
import { tryParseCertificate } from './certificate-source.ts'
import { parseCrl } from './parse-crl.ts'
import { parseOcsp } from './parse-ocsp.ts'
import { readPem } from './read-pem.ts'
import { tryParse } from './try-parse.ts'
import type { TrustBytes } from './validate-path.ts'
import { createSignatureVerifier, type SignatureVerifier } from './verify-signed.ts'

/** What a trust folder holds, all DER; `noteKeys` are the lines of *.vkey files. */
export type TrustFolder = TrustBytes & {
  readonly ocsp: readonly Uint8Array[]
  readonly noteKeys: readonly string[]
}

export const emptyTrustFolder: TrustFolder = {
  ...{ anchors: [], pool: [], crls: [], ocsp: [], noteKeys: [], anchorPurposes: {} },
}

const fileBytesMax = 64 * 1024 * 1024

/**
 * Reads one folder: self-signed certificates are anchors, other certificates the pool; CRLs and OCSP
 * responses by content, PEM or DER; anything else is ignored. An empty folder trusts nobody.
 * `anchors.json` limits anchors to purposes.
 * @throws the error of node:fs when the folder cannot be read, of zod for a malformed anchors.json.
 */
export const loadTrust = async (
  folder: string,
  verifier: SignatureVerifier = createSignatureVerifier(),
): Promise<TrustFolder> => {
  const names = (await readdir(folder)).sort()
  let trust = emptyTrustFolder
  for (const name of names) {
    const path = join(folder, name)
    const { size, isFile } = await describe(path)
    if (!isFile || size > fileBytesMax) continue
    trust = sortFile(trust, name, await readFile(path), verifier)
  }
  return trust
}

/** Several folders as one. */
export const mergeTrust = (folders: readonly TrustFolder[]): TrustFolder => ({
  anchors: folders.flatMap(({ anchors }) => anchors),
  pool: folders.flatMap(({ pool }) => pool),
  crls: folders.flatMap(({ crls }) => crls),
  ocsp: folders.flatMap(({ ocsp }) => ocsp),
  noteKeys: folders.flatMap(({ noteKeys }) => noteKeys),
  anchorPurposes: mergePurposes(folders),
})

/** An anchor that two folders hold serves what either lets it serve; no limit in one of them is none. */
const mergePurposes = (folders: readonly TrustFolder[]): AnchorPurposes => {
  const ids = new Set(folders.flatMap(({ anchorPurposes = {} }) => Object.keys(anchorPurposes)))
  const entries = [...ids].flatMap((id): readonly (readonly [string, readonly string[]])[] => {
    const holders = folders.filter(({ anchors }) => anchors.some((der) => fingerprint(der) === id))
    const limits = holders.map(({ anchorPurposes = {} }) => anchorPurposes[id])
    const known = limits.filter((each) => each !== undefined)
    return known.length < limits.length ? [] : [[id, known.flat()]]
  })
  return Object.fromEntries(entries)
}

const fingerprint = (der: Uint8Array): string => Buffer.from(digest('sha-256', der)).toString('hex')

const describe = async (path: string): Promise<{ size: number; isFile: boolean }> => {
  try {
    const found = await stat(path)
    return { size: found.size, isFile: found.isFile() }
  } catch (error) {
    // A link to nowhere or to itself holds nothing.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ELOOP') return { size: 0, isFile: false }
    throw error
  }
}

/** What one file of a trust folder holds. */
export const sortTrustFile = (
  name: string,
  bytes: Uint8Array,
  verifier: SignatureVerifier,
): TrustFolder => sortFile(emptyTrustFolder, name, bytes, verifier)

const sortFile = (
  trust: TrustFolder,
  name: string,
  bytes: Uint8Array,
  verifier: SignatureVerifier,
): TrustFolder => {
  const text = Buffer.from(bytes).toString('latin1')
  if (name === anchorPurposesFile) {
    return { ...trust, anchorPurposes: parseAnchorPurposes(Buffer.from(bytes).toString('utf8')) }
  }
  if (name.endsWith('.vkey')) return { ...trust, noteKeys: [...trust.noteKeys, ...keyLines(bytes)] }
  const ders = text.includes('-----BEGIN ') ? readPem(text).map(({ der }) => der) : [bytes]
  return ders.reduce((sorted, der) => sortDer(sorted, der, verifier), trust)
}

const keyLines = (bytes: Uint8Array): readonly string[] =>
  Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const sortDer = (trust: TrustFolder, der: Uint8Array, verifier: SignatureVerifier): TrustFolder => {
  if (tryParse(der, parseCrl)) return { ...trust, crls: [...trust.crls, der] }
  if (tryParse(der, parseOcsp)) return { ...trust, ocsp: [...trust.ocsp, der] }
  const certificate = tryParseCertificate(der)
  if (certificate === undefined) return trust
  const { tbs: bytes, signatureAlgorithm: algorithm, signature, publicKey } = certificate
  const isSelfSigned =
    certificate.issuer.key === certificate.subject.key &&
    verifier({ algorithm, publicKey, bytes, signature }) === 'right'
  return isSelfSigned
    ? { ...trust, anchors: [...trust.anchors, der] }
    : { ...trust, pool: [...trust.pool, der] }
}
