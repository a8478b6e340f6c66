import { readFile } from 'node:fs/promises'
import type { Algorithms } from './algorithms.ts'
import { loadNoteSigner, type NoteSigner } from './sign-note.ts'
import { readSm2PrivateKey } from './sm2/read-private-key.ts'
import { sm2NoteSigner } from './sm2/sm2-signer.ts'

/**
 * The keys that sign checkpoints: Ed25519, and SM2 beside it where the folder has such a key (older ones
 * have not); under the gm profile SM2 alone, which must be there.
 * @throws CryptoError for an unfit key, the error of node:fs for a missing one
 */
export const loadNoteSigners = async (
  files: { readonly noteKey: string; readonly sm2NoteKey: string },
  name: string,
  { signing, gm: { sm2 } }: Algorithms,
): Promise<readonly NoteSigner[]> => {
  const isInternational = signing.includes('ES256')
  const pem = await readFile(files.sm2NoteKey, 'utf8').catch((error: unknown) => {
    if (isInternational && isMissing(error)) return undefined
    throw error
  })
  const second = pem === undefined ? [] : [sm2NoteSigner(sm2, readSm2PrivateKey(sm2, pem), name)]
  return isInternational
    ? [loadNoteSigner(name, await readFile(files.noteKey, 'utf8')), ...second]
    : second
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
