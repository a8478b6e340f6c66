#!/usr/bin/env node
// Runs the built command when dist/ is newer than every source (a packed one has no sources), else the
// sources through tsx.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .reduce((latest, entry) => {
      const { mtimeMs } = statSync(`${entry.parentPath}/${entry.name}`)
      return mtimeMs > latest ? mtimeMs : latest
    }, 0)

const isBuilt = () => {
  const built = statSync(new URL('dist/src/cli/command.js', root), { throwIfNoEntry: false })
  if (built === undefined) return false
  if (!existsSync(new URL('command.ts', import.meta.url))) return true
  return ['src', 'adapters'].every((folder) => {
    const path = fileURLToPath(new URL(`${folder}/`, root))
    const exists = statSync(path, { throwIfNoEntry: false }) !== undefined
    return !exists || newest(path) <= built.mtimeMs
  })
}

if (isBuilt()) {
  await import(new URL('dist/src/cli/command.js', root).href)
} else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('./command.ts')
}
