import { expect, it } from 'vitest'
import { decodeKeptRequest, encodeKeptRequest } from '../../src/ledger/kept-request.ts'

const signature = Buffer.alloc(64, 7)
it.each([
  { signatureBase: '"@method": GET', signature },
  { signatureBase: '"@method": POST', signature, body: Buffer.from('{}') },
  { signatureBase: 'x', signature, body: Buffer.alloc(0) },
  { signatureBase: '证', signature, bodyDigest: 'sha-256:abc' },
])('keeps a signed request byte for byte', (request) => {
  expect(decodeKeptRequest(encodeKeptRequest(request))).toEqual(request)
})

it('refuses a record that is cut at any place', () => {
  const bytes = encodeKeptRequest({ signatureBase: 'base', signature, body: Buffer.from('body') })
  const cuts = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length))
  const whole = cuts.filter((cut) => {
    try {
      decodeKeptRequest(cut)
      return true
    } catch {
      return false
    }
  })
  expect(whole).toEqual([])
})
