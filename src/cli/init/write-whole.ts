import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a secret (mode 0600 in a 0700 folder); the file is whole or absent, never half-written. */
export const writeSecret = (path: string, content: string): Promise<void> =>
  writeWhole(path, content, { file: 0o600, folder: 0o700 })

/** Writes a public file. */
export const writePublic = (path: string, content: string | Uint8Array): Promise<void> =>
  writeWhole(path, content, { file: 0o644, folder: 0o755 })

const writeWhole = async (
  path: string,
  content: string | Uint8Array,
  mode: { readonly file: number; readonly folder: number },
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: mode.folder })
  const temporary = `${path}.new`
  // Never into a file that is there: somebody else may have made it, or have it open.
  await rm(temporary, { force: true })
  await writeFile(temporary, content, { mode: mode.file, flag: 'wx', flush: true })
  await chmod(temporary, mode.file)
  await rename(temporary, path)
}
