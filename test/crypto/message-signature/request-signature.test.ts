import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/crypto/base64url.ts'
import {
  contentDigest,
  parseContentDigest,
} from '../../../src/crypto/message-signature/content-digest.ts'
import {
  parseRequestSignature,
  prepareRequestSignature,
  requestSignatureBase,
  requireExactCover,
  type SignableRequest,
} from '../../../src/crypto/message-signature/request-signature.ts'
import { MessageSignatureError } from '../../../src/crypto/message-signature/structured-field.ts'

const keyId = 'A'.repeat(43)
const nonce = 'AAECAwQFBgcICQoLDA0ODw'
const signature = `sig1=:${encodeBase64(new Uint8Array(64))}:`
const plain = `sig1=("@method" "@target-uri");created=1543539600;nonce="${nonce}";keyid="${keyId}";alg="ecdsa-p256-sha256"`

const request = (headers: Record<string, string> = {}): SignableRequest => ({
  method: 'POST',
  targetUri: 'https://gateway.example/v1/cases?a=%20b',
  header: (name) => headers[name],
})

const covered = (names: string): string => plain.replace('"@method" "@target-uri"', names)

describe('the profile of request signatures', () => {
  it('writes the base that api.md describes, headers that are there included', () => {
    const signable = request({ 'content-type': 'application/json', 'zhengqiao-seq': '7' })
    const parameters = { created: 1, nonce, keyId, algorithm: 'ecdsa-p256-sha256' } as const
    const { base, signatureInput } = prepareRequestSignature(signable, parameters)
    expect(base).toBe(
      [
        '"@method": POST',
        '"@target-uri": https://gateway.example/v1/cases?a=%20b',
        '"content-type": application/json',
        '"zhengqiao-seq": 7',
        `"@signature-params": ("@method" "@target-uri" "content-type" "zhengqiao-seq");created=1;nonce="${nonce}";keyid="${keyId}";alg="ecdsa-p256-sha256"`,
      ].join('\n'),
    )
    const read = parseRequestSignature(signatureInput, signature)
    requireExactCover(signable, read.covered)
    expect(requestSignatureBase(signable, read.covered)).toBe(base)
    expect(read).toMatchObject(parameters)
  })

  it('takes the components in any order', () => {
    const { covered: list } = parseRequestSignature(covered('"@target-uri" "@method"'), signature)
    requireExactCover(request(), list)
    expect(requestSignatureBase(request(), list)).toMatch(/^"@target-uri": https/)
  })

  it.each([
    ['another label', plain.replace('sig1', 'sig2'), signature],
    ['two signatures', `${plain}, sig2=("@method")`, signature],
    ['a second value', plain, `${signature}, sig2=:AAAA:`],
    ['a value of another label', plain, signature.replace('sig1', 'sig2')],
    ['a value with parameters', plain, `${signature};a=1`],
    ['a value that is no byte sequence', plain, 'sig1="AAAA"'],
    ['63 bytes', plain, `sig1=:${encodeBase64(new Uint8Array(63))}:`],
    ['an item instead of a list', 'sig1="@method"', signature],
    ['no created', plain.replace('created=1543539600;', ''), signature],
    ['a created that is text', plain.replace('1543539600', '"1543539600"'), signature],
    ['a negative created', plain.replace('1543539600', '-1'), signature],
    ['a nonce of 15 bytes', plain.replace(nonce, nonce.slice(0, 20)), signature],
    ['a nonce of 65 bytes', plain.replace(nonce, 'A'.repeat(87)), signature],
    ['a nonce that is not base64url', plain.replace(nonce, `${nonce.slice(1)}+`), signature],
    ['a nonce with loose bits', plain.replace(nonce, `${nonce.slice(0, -1)}x`), signature],
    ['a short keyid', plain.replace(keyId, 'A'.repeat(42)), signature],
    ['no alg', plain.replace(';alg="ecdsa-p256-sha256"', ''), signature],
    ['another alg', plain.replace('ecdsa-p256-sha256', 'ed25519'), signature],
    ['alg none', plain.replace('ecdsa-p256-sha256', 'none'), signature],
    [
      'an alg that is a token',
      plain.replace('"ecdsa-p256-sha256"', 'ecdsa-p256-sha256'),
      signature,
    ],
    ['an unknown parameter', `${plain};tag="x"`, signature],
    ['an end before the beginning', `${plain};expires=1543539599`, signature],
  ])('refuses %s', (_what, input, value) => {
    expect(() => parseRequestSignature(input, value)).toThrow(MessageSignatureError)
  })

  it.each([
    ['too little', '"@method"', {}],
    ['nothing', '', {}],
    ['a component twice', '"@method" "@target-uri" "@method"', {}],
    ['a component with a parameter', '"@method";req "@target-uri"', {}],
    ['a component outside the profile', '"@method" "@target-uri" "@authority"', {}],
    ['a header that the request lacks', '"@method" "@target-uri" "content-type"', {}],
    ['all but a header that it carries', '"@method" "@target-uri"', { 'idempotency-key': 'k' }],
    ['a header outside the profile', '"@method" "@target-uri" "host"', { host: 'x' }],
  ])('refuses a signature that covers %s', (_what, names, headers) => {
    const signable = request(headers)
    const { covered: list } = parseRequestSignature(covered(names), signature)
    expect(() => {
      requireExactCover(signable, list)
    }).toThrow(MessageSignatureError)
  })
})

describe('Content-Digest', () => {
  it('reads what it writes, in both digests', () => {
    const body = Buffer.from('{"hello": "world"}')
    expect(contentDigest('sha-256', body)).toBe(
      'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
    )
    for (const algorithm of ['sha-256', 'sm3'] as const)
      expect(parseContentDigest(contentDigest(algorithm, body)).algorithm).toBe(algorithm)
  })

  it.each(['', 'sha-512=:AAAA:', 'sha-256=:AA==:, sm3=:AA==:', 'sha-256="x"', 'sha-256'])(
    'refuses %j',
    (text) => {
      expect(() => parseContentDigest(text)).toThrow(MessageSignatureError)
    },
  )
})
