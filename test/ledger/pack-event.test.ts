import { createHash, randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import { isJsonObject, type JsonValue } from '../../src/crypto/json-value.ts'
import { packEvent, unpackEvent } from '../../src/ledger/pack-event.ts'
import { aFiling } from './ledger-world.ts'

const bytesOf = (event: JsonValue): Buffer => Buffer.from(canonicalJson(event))

it('gives back any event byte for byte', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u0001', '\u007f', '\u00ff', '证照', '","status":200}', '😀'),
    fc.uuid(),
    fc.stringMatching(/^[\w-]{43}$/),
    fc.stringMatching(/^sha-256:[\w-]{42,44}$/),
  )
  const events = fc.dictionary(texts, fc.oneof(texts, fc.integer(), fc.array(texts)))
  fc.assert(
    fc.property(events, (event) => {
      const bytes = bytesOf(Object.fromEntries(Object.entries(event)))
      expect(Buffer.compare(unpackEvent(packEvent(bytes)), bytes)).toBe(0)
    }),
    { numRuns: 300 },
  )
})

it('stores a usual event in less than half of its bytes', () => {
  const digest = () => `sha-256:${randomBytes(32).toString('base64url')}`
  const { event } = aFiling({
    deed: {
      caseId: randomUUID(),
      assurance: 'registered',
      licences: [
        {
          licenceId: randomUUID(),
          version: '001',
          fields: ['name'],
          status: 'active',
          statusAsOf: '2018-11-30T10:00:00.000+08:00',
          statusSource: 'stock',
        },
      ],
    },
  })
  if (!isJsonObject(event)) throw new Error('no event')
  const bytes = bytesOf({ ...event, requestDigest: digest(), responseDigest: digest() })
  expect(packEvent(bytes).length).toBeLessThan(bytes.length / 2)
})

it('reads what an earlier version stored: the code table of format 1 never changes', () => {
  const codes = [...Array.from({ length: 28 }, (_, n) => n + 4), ...[0xf5, 0xf6, 0xf7, 0xf8, 0xf9]]
  const all = [...codes, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]
  const uuid = [0x01, ...Buffer.from('018f00000000700080000000000000aa', 'hex')]
  const stored = Buffer.from([
    1,
    ...all,
    ...uuid,
    0x02,
    ...Buffer.alloc(32),
    0x03,
    ...Buffer.alloc(32),
  ])
  const text = Buffer.from(unpackEvent(stored)).toString()
  expect(text.slice(-150)).toContain('018f0000-0000-7000-8000-0000000000aasha-256:AAAA')
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '42fff972dd01265e3924ede0642f31c8bca44d2c72c4a3a2445be5155b46377f',
  )
})

it('refuses a format that it does not know', () => {
  expect(() => unpackEvent(Buffer.of(2, 0x7b, 0x7d))).toThrow(
    expect.objectContaining({ code: 'blob_malformed' }),
  )
})
