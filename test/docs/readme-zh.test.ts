import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8')
const english = await read('README.md')
const chinese = await read('README.zh-CN.md')

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([found]) => found)

describe('README.zh-CN.md', () => {
  it('has the same headings, in level and number', () => {
    const levels = (text: string) => all(text, /^#+(?= )/gm)
    expect(levels(chinese)).toEqual(levels(english))
  })

  it('has the same commands', () => {
    const commands = (text: string) => all(text, /```[\s\S]*?```/g)
    expect(commands(chinese)).toEqual(commands(english))
  })

  it('names the same code, paths and variables', () => {
    const inline = (text: string) => all(text.replace(/```[\s\S]*?```/g, ''), /`[^`\n]+`/g).sort()
    expect(inline(chinese)).toEqual(inline(english))
  })

  it('links to the same places', () => {
    const links = (text: string) =>
      [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
    const others = ['README.md', 'README.zh-CN.md']
    const own = (text: string) => links(text).filter((target) => !others.includes(target))
    expect(own(chinese)).toEqual(own(english))
  })
})
