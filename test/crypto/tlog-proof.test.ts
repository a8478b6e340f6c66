import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatTlogProof, parseTlogProof } from '../../src/crypto/tlog-proof.ts'
import { coded } from './coded.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const bytes = (list: readonly Uint8Array[]) => list.map((item) => Buffer.from(item))

it('reads back what it wrote, with and without extra data', () => {
  const proof = fc.record(
    {
      index: fc.maxSafeNat(),
      path: fc.array(hash, { maxLength: 53 }),
      checkpoint: fc.constantFrom('o\n1\nx\n\n— o AAAAAAA=\n', 'text\n\nmore\n\n— a B=\n'),
      extra: fc.uint8Array(),
    },
    { requiredKeys: ['index', 'path', 'checkpoint'] },
  )
  fc.assert(
    fc.property(proof, (value) => {
      const read = parseTlogProof(formatTlogProof(value))
      expect(read.index).toBe(value.index)
      expect(bytes(read.path)).toEqual(bytes(value.path))
      expect(read.checkpoint).toBe(value.checkpoint)
      expect(read.extra && Buffer.from(read.extra)).toEqual(value.extra && Buffer.from(value.extra))
    }),
  )
})

const line = Buffer.alloc(32).toString('base64')
it.each([
  ['another version', `c2sp.org/tlog-proof@v2\nindex 0\n\nnote`],
  ['no index', `c2sp.org/tlog-proof@v1\n${line}\n\nnote`],
  ['leading zero', `c2sp.org/tlog-proof@v1\nindex 01\n\nnote`],
  ['index beyond 2^53', `c2sp.org/tlog-proof@v1\nindex 9007199254740993\n\nnote`],
  ['short hash', `c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote`],
  ['unpadded hash', `c2sp.org/tlog-proof@v1\nindex 1\n${line.slice(0, -1)}\n\nnote`],
  ['two extra lines', `c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 1\n\nnote`],
  ['extra after index', `c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA\n\nnote`],
  ['extra that is no base64', `c2sp.org/tlog-proof@v1\nextra AA*A\nindex 1\n\nnote`],
  ['path of 54', `c2sp.org/tlog-proof@v1\nindex 1\n${`${line}\n`.repeat(54)}\nnote`],
  ['no checkpoint', `c2sp.org/tlog-proof@v1\nindex 1\n`],
  ['carriage returns', `c2sp.org/tlog-proof@v1\r\nindex 1\r\n\r\nnote`],
  ['nothing', ''],
])('refuses a proof with %s', (_what, text) => {
  expect(coded(() => parseTlogProof(text))).toBe('proof_malformed')
})
