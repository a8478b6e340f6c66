import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

const sourceTexts = async (): Promise<readonly string[]> => {
  const files = await readdir(join(root, 'src'), { recursive: true })
  const sources = files.filter((file) => file.endsWith('.ts'))
  return Promise.all(sources.map((file) => readFile(join(root, 'src', file), 'utf8')))
}

it('documents every action that the code files', async () => {
  const texts = await sourceTexts()
  const filed = texts.flatMap((text) =>
    [...text.matchAll(/\baction: '([a-z_.]+)'/g)].map(([, action = '']) => action),
  )
  const docs = await readFile(join(root, 'docs/audit-events.md'), 'utf8')
  const table = docs.slice(docs.indexOf('## Actions'), docs.indexOf('Names are never'))
  const documented = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z_.]+)`/g)].map(([, action = '']) => action),
  )
  expect(filed.length).toBeGreaterThan(20)
  expect(filed.filter((action) => !documented.includes(action))).toEqual([])
})
