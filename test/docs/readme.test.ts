import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const english = readFileSync('README.md', 'utf8')
const chinese = readFileSync('README.zh-CN.md', 'utf8')

const headingLevels = (text: string): number[] =>
  [...text.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length)
const commandBlocks = (text: string): string[] =>
  [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
const inlineCode = (text: string): string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code).sort()
const links = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)

describe('the two READMEs', () => {
  it('have the same headings, commands and code', () => {
    expect(headingLevels(chinese)).toEqual(headingLevels(english))
    expect(commandBlocks(chinese)).toEqual(commandBlocks(english))
    expect(inlineCode(chinese)).toEqual(inlineCode(english))
  })

  it('link to the same places, all of which exist', () => {
    const own = (target: string): boolean => !target.startsWith('README')
    expect(links(chinese).filter(own)).toEqual(links(english).filter(own))
    for (const target of [...links(english), ...links(chinese)]) {
      expect(existsSync(target), target).toBe(true)
    }
  })
})
