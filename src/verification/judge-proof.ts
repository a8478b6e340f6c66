import { type Checkpoint, digestNameOfOrigin, parseCheckpoint } from '../crypto/checkpoint.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import type { DigestName } from '../crypto/digest.ts'
import type { NoteVerifierKey } from '../crypto/note-key.ts'
import { openNote, type OpenedNote } from '../crypto/open-note.ts'
import { parseTlogProof, type TlogProof } from '../crypto/tlog-proof.ts'
import { verifyInclusion } from '../crypto/verify-merkle.ts'
import { broken, judged, open, passed, warning } from './finding.ts'
import type { Finding, Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

export type JudgedProof = Pick<Judgement, 'findings' | 'facts'>

/**
 * Judges a tlog-proof of a leaf: the checkpoint's signatures, then the leaf's place in its tree. The leaf is
 * hashed as the log's signed origin says.
 */
export const judgeProof = (
  text: string,
  leafOf: (name: DigestName) => Uint8Array,
  options: VerifyOptions,
): JudgedProof => {
  const proof = orError(() => parseTlogProof(text))
  if (proof instanceof CryptoError) return malformed(proof)
  const checkpoint = orError(() => parseCheckpoint(noteTextOf(proof.checkpoint)))
  if (checkpoint instanceof CryptoError) return malformed(checkpoint)
  const note = orError(() =>
    openNote(proof.checkpoint, options.trust.noteKeys, options.trust.signatures),
  )
  const { origin, size } = checkpoint
  return {
    findings: [judgeInclusion(proof, checkpoint, leafOf), ...judgeSigners(note, origin, options)],
    facts: {
      log: origin,
      index: proof.index,
      treeSize: size,
      ...(note instanceof CryptoError ? {} : { cosigned: cosignersOf(note) }),
    },
  }
}

const orError = <Value>(work: () => Value): Value | CryptoError => {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return error
    throw error
  }
}

const malformed = ({ code }: CryptoError): JudgedProof => ({
  findings: [broken('receipt_format', 'FORMAT_FAILURE', code)],
  facts: {},
})

/** What stands before the last empty line; openNote reads the same. */
const noteTextOf = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)

const judgeInclusion = (
  { index, path }: TlogProof,
  { origin, size, root }: Checkpoint,
  leafOf: (name: DigestName) => Uint8Array,
): Finding => {
  const name = digestNameOfOrigin(origin)
  const claim = { index, size, leaf: leafOf(name), path, root, digest: name }
  return judged(verifyInclusion(claim), 'inclusion', 'HASH_FAILURE')
}

const judgeSigners = (
  note: OpenedNote | CryptoError,
  origin: string,
  options: VerifyOptions,
): readonly Finding[] => {
  const { noteKeys } = options.trust
  if (note instanceof CryptoError && note.code !== 'note_unverified') {
    const subIndication =
      note.code === 'signature_invalid' ? 'SIG_CRYPTO_FAILURE' : 'FORMAT_FAILURE'
    return [broken('checkpoint_signature', subIndication, note.code)]
  }
  const signed = note instanceof CryptoError ? [] : note.verified
  const isSigned = signed.some((line) => line.type !== 'cosignature-v1' && owns(line.name, origin))
  if (isSigned) return [passed('checkpoint_signature'), judgeWitnesses(note, options)]
  // Who knows the log's key and finds no line by it holds a forgery or a key that was replaced.
  return noteKeys.some((key) => isLogKey(key) && owns(key.name, origin))
    ? [broken('checkpoint_signature', 'SIG_CRYPTO_FAILURE')]
    : [open('log_known', 'NO_SIGNING_CERTIFICATE_FOUND', origin)]
}

const isLogKey = ({ type }: NoteVerifierKey): boolean => type !== 'cosignature-v1'

/** A gateway's key signs for all its nodes: `<gateway>` owns `<gateway>/<node>`. */
const owns = (keyName: string, origin: string): boolean =>
  origin === keyName || origin.startsWith(`${keyName}/`)

const judgeWitnesses = (
  note: OpenedNote | CryptoError,
  { trust, policy }: VerifyOptions,
): Finding => {
  if (!(note instanceof CryptoError) && cosignersOf(note).length > 0) return passed('cosignature')
  const isKnown = trust.noteKeys.some((key) => !isLogKey(key))
  return isKnown || policy.witness === 'required'
    ? open('cosignature', 'NO_POE')
    : warning('cosignature', '未配置见证方,按开发日志处理 / no witness configured')
}

const cosignersOf = ({ verified }: OpenedNote) =>
  verified.flatMap(({ name, timestamp }) =>
    timestamp === undefined
      ? []
      : [{ witness: name, at: new Date(timestamp * 1000).toISOString() }],
  )
