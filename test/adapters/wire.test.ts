import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { wireSections } from './wire.ts'

const path = 'docs/adapters.md'
const [begin, end] = [
  '<!-- bytes on the wire: begin -->\n\n',
  '\n\n<!-- bytes on the wire: end -->',
]

it('shows in docs/adapters.md the bytes that really pass (UPDATE_DOCS=1 writes them anew)', async () => {
  const sections = await wireSections()
  const doc = readFileSync(path, 'utf8')
  const [before = '', rest = ''] = doc.split(begin)
  const [shown = '', after = ''] = rest.split(end)
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(path, `${before}${begin}${sections}${end}${after}`)
  else expect(shown).toBe(sections)
})
