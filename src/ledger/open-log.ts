import { digestNameOfOrigin, formatCheckpoint, parseCheckpoint } from '../crypto/checkpoint.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { type Frontier, frontierRoot } from '../crypto/merkle.ts'
import { openNote } from '../crypto/open-note.ts'
import { signNote } from '../crypto/sign-note.ts'
import type { CommitDeps } from './commit-batch.ts'
import type { LogState } from './grow-log.ts'
import {
  readHead,
  storeCheckpoint,
  type LogConnection,
  type LogNode,
} from './log-connection-store.ts'

/**
 * Reads a node's log and makes sure that its newest tree carries a checkpoint under our present keys: a
 * tail that a crash left unsigned, or that another key signed, is signed now.
 * @throws Error when the stored tree is not the one that was signed: nothing may be added to it
 */
export const openLog = async (
  log: LogConnection,
  node: LogNode,
  deps: CommitDeps,
): Promise<LogState> => {
  const { frontier, checkpoint } = await readHead(log, node)
  if (checkpoint !== undefined) requireSameTree(node, frontier, checkpoint.note)
  if (checkpoint?.size === frontier.size && isSignedBy(checkpoint.note, deps)) {
    return { node, frontier, checkpoint: checkpoint.note }
  }
  const { size } = frontier
  const text = formatCheckpoint({ origin: node.origin, size, root: rootOf(node, frontier) })
  const note = await signNote(text, deps.noteSigners)
  await storeCheckpoint(log, node, { size, note, at: deps.now() })
  return { node, frontier, checkpoint: note }
}

/** A smaller checkpoint cannot be compared without the events between; an equal or larger one can. */
const requireSameTree = (node: LogNode, frontier: Frontier, note: string): void => {
  const signed = parseCheckpoint(noteText(note))
  const isSmaller = signed.size < frontier.size
  const isEqual =
    signed.size === frontier.size && Buffer.compare(signed.root, rootOf(node, frontier)) === 0
  if (isSmaller || isEqual) return
  throw new Error(
    `the stored tree of log ${node.origin} is not the one that its checkpoint signs; restore the database`,
  )
}

const noteText = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)

const rootOf = ({ origin }: LogNode, frontier: Frontier): Uint8Array =>
  frontierRoot(frontier, digestNameOfOrigin(origin))

const isSignedBy = (
  note: string,
  { noteSigners, signatures }: Pick<CommitDeps, 'noteSigners' | 'signatures'>,
): boolean => {
  try {
    const { verified } = openNote(
      note,
      noteSigners.map(({ key }) => key),
      signatures,
    )
    return noteSigners.every(({ key }) => verified.some(({ keyId }) => keyId === key.keyId))
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}
