import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where things stand in a data folder. Only the gateway's own parts are read by the gateway. */
export const dataFolder = (dataDir: string) => ({
  root: dataDir,
  gatewayFile: join(dataDir, 'gateway.json'),
  dataKeys: join(dataDir, 'keys', 'data-keys.json'),
  noteKey: join(dataDir, 'keys', 'note.key'),
  attestationKey: join(dataDir, 'keys', 'attestation.key.pem'),
  attestationChain: join(dataDir, 'keys', 'attestation.chain.pem'),
  custody: join(dataDir, 'keys', 'custody'),
  authority: join(dataDir, 'ca'),
  trust: join(dataDir, 'trust'),
  /** Development only: the keys that other parties would hold on their own machines. */
  clients: join(dataDir, 'clients'),
  signers: join(dataDir, 'signers'),
})
export type DataFolder = ReturnType<typeof dataFolder>

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
  await writeFile(temporary, content, { mode: mode.file, flush: true })
  await chmod(temporary, mode.file)
  await rename(temporary, path)
}
