import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')

const markdown = async (folder: string): Promise<string[]> =>
  (await readdir(join(root, folder), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))

const documents = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', ...(await markdown('docs'))]

/** Repository paths in code spans: they begin with a folder of the repository and hold no placeholder. */
const spanPath = /`((?:src|test|docs|migrations|certs|adapters|assembly)\/[A-Za-z0-9_./-]*)`/g

describe.each(documents)('%s', (document) => {
  const read = () => readFile(join(root, document), 'utf8')

  it('links to files that exist', async () => {
    const targets = [...(await read()).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
    const missing = targets.filter((target) => !existsSync(join(root, dirname(document), target)))
    expect(missing).toEqual([])
  })

  it('names paths that exist', async () => {
    const named = [...(await read()).matchAll(spanPath)].map(([, path = '']) => path)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('names npm scripts that exist', async () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    const named = [...(await read()).matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)]
    for (const [, script = ''] of named)
      expect(Object.keys(scripts), relative(root, document)).toContain(script)
  })
})
