import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const testSources = (): string =>
  readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('docs'))
    .map((path) => readFileSync(join('test', path), 'utf8'))
    .join('\n')

it('quotes an existing test for every threat', () => {
  const rows = readFileSync('docs/threat-model.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const sources = testSources()
  expect(rows.length).toBeGreaterThan(15)
  for (const [, threat, control, byDefault, tests = ''] of rows) {
    const names = [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    expect(
      [threat, control, byDefault].every((cell) => cell !== ''),
      threat,
    ).toBe(true)
    expect(names.length, threat).toBeGreaterThan(0)
    for (const name of names) expect(sources.includes(name), `${threat ?? ''}: ${name}`).toBe(true)
  }
})
