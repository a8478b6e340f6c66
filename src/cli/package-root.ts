import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const findRoot = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder))

/** The folder with package.json, from the sources as from dist/. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)))

/** As package.json says. */
export const packageVersion = async (): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'))
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return hasVersion ? String(manifest.version) : ''
}

/** The numbered SQL files. */
export const migrationsDir = join(packageRoot, 'migrations')

/** Public anchors, policies and their README. */
export const certsDir = join(packageRoot, 'certs')

/** The synthetic city's files. */
export const cityDir = join(packageRoot, 'src', 'demo', 'city')

/** Exchanges that were really sent, for /docs. */
export const examplesFile = join(packageRoot, 'docs', 'examples.json')
