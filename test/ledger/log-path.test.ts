import { expect, it } from 'vitest'
import { entryBundle, parseLogPath, tilePath, widthAt } from '../../src/ledger/log-path.ts'

it('reads the paths of the C2SP tlog-tiles text', () => {
  expect(parseLogPath('checkpoint')).toEqual({ kind: 'checkpoint' })
  expect(parseLogPath('tile/0/x001/x234/067')).toEqual({
    kind: 'tile',
    level: 0,
    index: 1_234_067,
    width: 256,
  })
  expect(parseLogPath('tile/1/000.p/17')).toEqual({ kind: 'tile', level: 1, index: 0, width: 17 })
  expect(parseLogPath('tile/entries/x001/000.p/255')).toEqual({
    kind: 'entries',
    index: 1000,
    width: 255,
  })
})

it('writes the paths that it reads', () => {
  for (const index of [0, 7, 999, 1000, 1_234_067, 999_999_999]) {
    const width = 1 + (index % 256)
    expect(parseLogPath(tilePath(3, index, width))).toEqual({
      kind: 'tile',
      level: 3,
      index,
      width,
    })
  }
})

it.each([
  'tile/0/0',
  'tile/00/000',
  'tile/64/000',
  'tile/0/x000/001',
  'tile/0/001/002',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/entries/../checkpoint',
  'tile/0/000\n',
  'Checkpoint',
  '',
])('knows no resource %j', (path) => {
  expect(parseLogPath(path)).toBeUndefined()
})

it('counts the tiles of a tree of 70,000 leaves as the text does', () => {
  expect(widthAt(70_000, 0, 272)).toBe(256)
  expect(widthAt(70_000, 0, 273)).toBe(112)
  expect(widthAt(70_000, 0, 274)).toBe(0)
  expect(widthAt(70_000, 1, 0)).toBe(256)
  expect(widthAt(70_000, 1, 1)).toBe(17)
  expect(widthAt(70_000, 2, 0)).toBe(1)
})

it('puts a 16-bit length before each entry', () => {
  expect(entryBundle([Buffer.from('ab'), Buffer.alloc(300)]).length).toBe(2 + 2 + 2 + 300)
  expect(Buffer.from(entryBundle([Buffer.from('ab')])).toString('hex')).toBe('00026162')
})
