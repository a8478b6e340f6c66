import { expect, it } from 'vitest'
import { digest, digestText } from '../../src/crypto/digest.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

it('gives SHA-256 of FIPS 180-4 and SM3 of GM/T 0004 for "abc"', () => {
  expect(hex(digest('sha-256', 'abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
  expect(hex(digest('sm3', Buffer.from('abc')))).toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  )
})

it('names the digest in its text form', () => {
  expect(digestText('sha-256', '')).toBe('sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
})
