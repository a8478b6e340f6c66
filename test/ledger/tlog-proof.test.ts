import { expect, it } from 'vitest'
import { formatTlogProof, parseTlogProof } from '../../src/ledger/tlog-proof.ts'

const path = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const checkpoint = 'example.com/log\n3\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— a b\n'

it('writes the lines of the C2SP tlog-proof text', () => {
  expect(formatTlogProof({ index: 2, path, checkpoint })).toBe(
    `c2sp.org/tlog-proof@v1\nindex 2\n${path.map((hash) => hash.toString('base64')).join('\n')}\n\n${checkpoint}`,
  )
})

it.each([
  { index: 0, path: [], checkpoint },
  { index: 73_894, path, checkpoint },
  { index: 1, path, checkpoint, extra: Buffer.from('more') },
])('reads what it writes', (proof) => {
  expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof)
})

const good = formatTlogProof({ index: 5, path, checkpoint })
it.each([
  ['another version', good.replace('@v1', '@v2')],
  ['no index', good.replace('index 5\n', '')],
  ['an index with a leading zero', good.replace('index 5', 'index 05')],
  ['an index beyond exact numbers', good.replace('index 5', 'index 9999999999999999')],
  ['a negative index', good.replace('index 5', 'index -5')],
  ['a short hash', good.replace('AQEBAQ', '')],
  ['padding bits', good.replace(/E=\n/, 'F=\n')],
  ['CRLF', good.replaceAll('\n', '\r\n')],
  ['no checkpoint', good.slice(0, good.indexOf('\n\n'))],
  ['extra data after the index', good.replace('index 5\n', 'index 5\nextra AAAA\n')],
])('refuses %s', (_, text) => {
  expect(() => parseTlogProof(text)).toThrow(expect.objectContaining({ code: 'proof_malformed' }))
})
