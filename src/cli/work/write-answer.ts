import { access, constants, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandFailure } from '../command-error.ts'

/**
 * Writes an answer to the file of `--out`, if any, for its owner only. The folder is looked at before
 * anybody is asked: what was given out would be on record and yet lost.
 * @throws CommandFailure
 */
export const answerWriter = async (
  path: string | undefined,
): Promise<(text: string) => Promise<void>> => {
  if (path === undefined) return () => Promise.resolve()
  const refuse = (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new CommandFailure(`写不了文件 / cannot write: ${path}${code}`)
  }
  await access(dirname(path), constants.W_OK).catch(refuse)
  return (text) => writeFile(path, text, { mode: 0o600 }).catch(refuse)
}
