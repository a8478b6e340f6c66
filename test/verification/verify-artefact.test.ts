import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { emptyTrustFolder } from '../../src/trust/load-trust.ts'
import { toPem } from '../../src/trust/pem.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { at, makeCity } from './verification-world.ts'

const city = await makeCity()
const { chain } = await city.issue()
const trust = openVerificationTrust(await city.trust())
const [leaf = Buffer.alloc(0), sub = Buffer.alloc(0)] = chain

it('judges a certificate with the intermediates that its file brings', () => {
  const pem = toPem('CERTIFICATE', leaf) + toPem('CERTIFICATE', sub)
  expect(verifyArtefact(Buffer.from(pem), { trust, at }).verdict).toBe('TOTAL_PASSED')
  expect(verifyArtefact(leaf, { trust, at })).toMatchObject({
    verdict: 'INDETERMINATE',
    subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
  })
})

it('fails a certificate of which one bit is flipped', () => {
  for (let offset = 1; offset < leaf.length; offset += 11) {
    const flipped = Buffer.from(leaf)
    flipped.writeUInt8(flipped.readUInt8(offset) ^ 1, offset)
    const pem = toPem('CERTIFICATE', flipped) + toPem('CERTIFICATE', sub)
    expect(verifyArtefact(Buffer.from(pem), { trust, at }).verdict).not.toBe('TOTAL_PASSED')
  }
})

it.each([
  ['a receipt', '{"receipt":{"no":"","event":"","salt":"","proof":""},"data":{}}'],
  ['a credential', `eyJhbGciOiJFUzI1NiJ9.e30.${'A'.repeat(86)}~`],
])('does not let a good certificate at the end of a file speak for %s before it', (_, forged) => {
  const pem = toPem('CERTIFICATE', leaf) + toPem('CERTIFICATE', sub)
  const report = verifyArtefact(Buffer.from(`${forged}\n${pem}`), { trust, at })
  expect(report.verdict).toBe('TOTAL_FAILED')
  expect(report.artefact).not.toBe('certificate')
})

it.each([
  ['nothing', Buffer.alloc(0)],
  ['noise', Buffer.concat([Buffer.of(0xff), randomBytes(500)])],
  ['prose', Buffer.from('这不是一份证照。'.repeat(20))],
  ['other JSON', Buffer.from('{"a":1}')],
])('is undecided about %s', (_, bytes) => {
  expect(verifyArtefact(bytes, { trust, at })).toMatchObject({
    verdict: 'INDETERMINATE',
    artefact: 'unknown',
  })
})

it('leaves malformed note keys of a trust folder out', () => {
  const folder = { ...emptyTrustFolder, noteKeys: ['x', 'a+b+c'] }
  expect(openVerificationTrust(folder).noteKeys).toEqual([])
})

it.each([
  '{"receipt":'.repeat(5000),
  `{"receipt":${'['.repeat(100_000)}`,
  '~'.repeat(100_000),
  'a.'.repeat(50_000),
  '{"receipt":{"no":"","event":"","salt":"","proof":""}}',
  '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
])('answers a verdict for hostile text', (text) => {
  expect(verifyArtefact(Buffer.from(text), { trust, at }).verdict).not.toBe('TOTAL_PASSED')
})
