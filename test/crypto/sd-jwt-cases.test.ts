import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CryptoError } from '../../src/crypto/crypto-error.ts'
import type { JsonObject } from '../../src/crypto/json-value.ts'
import { readJwk } from '../../src/crypto/read-jwk.ts'
import type { KeyBindingPolicy } from '../../src/crypto/verify-key-binding.ts'
import { verifySdJwt } from '../../src/crypto/verify-sd-jwt.ts'

type Case = {
  id: string
  sdJwt: string
  issuerJwk: JsonObject
  at: string
  keyBinding: KeyBindingPolicy
  expected: 'accept' | 'reject'
  claims?: JsonObject
}

const file = new URL('../vectors/sd-jwt/sd-jwt-cases.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }

/** The rule that each kind of change breaks; the digest of a padded text is nowhere, if it decoded. */
const codes: Readonly<Record<string, string>> = {
  'issuer-signature-bit': 'signature_invalid',
  'payload-changed': 'signature_invalid',
  'alg-none': 'jws_algorithm',
  'wrong-issuer-key': 'signature_invalid',
  expired: 'token_expired',
  'disclosure-not-referenced': 'sd_jwt_disclosure_unreferenced',
  'sd-alg-md5': 'sd_jwt_digest_algorithm',
  'disclosure-twice': 'sd_jwt_disclosure',
  'disclosure-value-changed': 'sd_jwt_disclosure_unreferenced',
  'disclosure-padded': 'sd_jwt_disclosure',
  'claim-name-clash': 'sd_jwt_name_clash',
  'claim-name-sd': 'sd_jwt_reserved_name',
  'claim-name-dots': 'sd_jwt_reserved_name',
  'digest-twice': 'sd_jwt_digest_repeated',
  'kb-missing': 'key_binding_missing',
  'kb-wrong-key': 'key_binding_invalid',
  'kb-wrong-nonce': 'key_binding_invalid',
  'kb-wrong-aud': 'key_binding_invalid',
  'kb-wrong-typ': 'key_binding_invalid',
  'kb-sd-hash': 'key_binding_invalid',
  'kb-disclosure-dropped': 'key_binding_invalid',
}

const envelope = ['iss', 'iat', 'exp', 'cnf']

const answer = (item: Case): JsonObject | string => {
  const { keyBinding } = item
  try {
    const key = readJwk(item.issuerJwk)
    const { payload } = verifySdJwt(item.sdJwt, { key, at: new Date(item.at), keyBinding })
    const claims = Object.entries(payload).filter(([name]) => !envelope.includes(name))
    return Object.fromEntries(claims)
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    throw error
  }
}

describe('presentations made from the sd-jwt-python specifications', () => {
  it('are 116, of which 14 are to be accepted', () => {
    expect(cases).toHaveLength(116)
    expect(cases.filter(({ expected }) => expected === 'accept')).toHaveLength(14)
  })

  it.each(cases)('$expected $id', (item) => {
    const kind = item.id.split('/')[1] ?? ''
    expect(answer(item)).toEqual(item.expected === 'accept' ? item.claims : codes[kind])
  })
})
