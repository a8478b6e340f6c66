import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url } from '../../src/crypto/base64url.ts'
import {
  credentialHeader,
  joinSdJwt,
  makeDisclosure,
  signingInputOf,
  sortedDigests,
} from '../../src/crypto/issue-sd-jwt.ts'
import type { JsonObject, JsonValue } from '../../src/crypto/json-value.ts'
import { parseSdJwt } from '../../src/crypto/parse-sd-jwt.ts'
import type { VerificationKey } from '../../src/crypto/read-jwk.ts'
import { verifySdJwt } from '../../src/crypto/verify-sd-jwt.ts'
import { coded, flips } from './coded.ts'

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key: VerificationKey = {
  spki: issuer.publicKey.export({ format: 'der', type: 'spki' }),
  algs: ['ES256'],
}
const at = new Date('2026-11-23T12:00:00Z')
const iat = at.getTime() / 1000 - 60
const p1363 = { dsaEncoding: 'ieee-p1363' } as const
const signEs256 = (text: string) =>
  sign('sha256', Buffer.from(text), { key: issuer.privateKey, ...p1363 })

const visible: JsonObject = {
  iss: 'https://gateway.example/issuers/11370200MB2853421X',
  iat,
  vct: 'https://gateway.example/vct/11370200MB2853421X001/1',
  _sd_alg: 'sha-256',
  licenceId: '0193579a-7d2c-7c4e-8a51-0d2f4c9b1e77',
}
const hidden: [string, JsonValue][] = [
  ['number', '鲁(2026)青岛市不动产权第0001234号'],
  ['holders', [{ name: '测试甲', codeType: '111', code: '370299200001010017' }]],
  ['ZL', '青岛市测试区一路1号'],
  ['MJ', 89.5],
]

const issue = (claims: JsonObject = visible, members: readonly [string, JsonValue][] = hidden) => {
  const disclosures = members.map(([name, value]) => makeDisclosure(randomBytes(16), name, value))
  const header = credentialHeader('ES256', [Buffer.from('not a real certificate')])
  const input = signingInputOf(header, { ...claims, _sd: sortedDigests(disclosures) })
  return joinSdJwt(
    input,
    signEs256(input),
    disclosures.map(({ encoded }) => encoded),
  )
}

/** Signs any header and payload, and puts any disclosures behind them. */
const forge = (
  payload: unknown,
  disclosures: unknown[] = [],
  header: object = { alg: 'ES256' },
) => {
  const input = [header, payload]
    .map((part) => encodeBase64Url(Buffer.from(JSON.stringify(part))))
    .join('.')
  const encoded = disclosures.map(encodedOf)
  return joinSdJwt(input, signEs256(input), encoded)
}
const encodedOf = (disclosure: unknown) => encodeBase64Url(Buffer.from(JSON.stringify(disclosure)))
const digestOf = (disclosure: unknown) =>
  createHash('sha256').update(encodedOf(disclosure)).digest('base64url')
const codeOf = (sdJwt: string) => coded(() => verifySdJwt(sdJwt, { key, at }))

describe('what we issue', () => {
  it('is verified by us with every claim in its place and nothing else', () => {
    const { payload, header, keyBinding } = verifySdJwt(issue(), { key, at })
    const { _sd_alg: _alg, ...rest } = visible
    expect(_alg).toBe('sha-256')
    expect(payload).toEqual({ ...rest, ...Object.fromEntries(hidden) })
    expect(Object.keys(header)).toEqual(['alg', 'typ', 'x5c'])
    expect(header['typ']).toBe('dc+sd-jwt')
    expect(keyBinding).toBe('absent')
  })

  it('holds up for every choice of disclosures, in any order', () => {
    const [jwt = '', ...parts] = issue().split('~').slice(0, -1)
    fc.assert(
      fc.property(fc.shuffledSubarray(parts), (chosen) => {
        const { payload } = verifySdJwt(`${[jwt, ...chosen].join('~')}~`, { key, at })
        expect(Object.keys(payload)).toHaveLength(Object.keys(visible).length - 1 + chosen.length)
      }),
    )
  })

  it('carries any names and values back unchanged', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 12 })
    const members = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true })
    fc.assert(
      fc.property(members, (claims) => {
        const text = JSON.stringify(claims)
        fc.pre(!/_sd|\.\.\.|__proto__|\\ud[89a-f]|"(iss|vct|iat|exp|nbf|cnf)"/.test(text))
        const entries = Object.entries(JSON.parse(text) as Record<string, JsonValue>)
        const { payload } = verifySdJwt(issue({ vct: 'v' }, entries), { key, at })
        expect(payload).toEqual({ vct: 'v', ...Object.fromEntries(entries) })
      }),
      { numRuns: 60 },
    )
  })

  it('orders its digests by themselves, not by the claims', () => {
    const disclosures = hidden.map(([name, value]) => makeDisclosure(randomBytes(16), name, value))
    const digests = sortedDigests(disclosures)
    expect(digests).toEqual([...digests].sort())
    expect(sortedDigests(disclosures.toReversed())).toEqual(digests)
  })

  it('takes 16 fresh bytes of salt and no reserved name', () => {
    expect(coded(() => makeDisclosure(randomBytes(15), 'a', 1))).toBe('sd_jwt_disclosure')
    for (const name of ['_sd', '...', '_sd_alg', '__proto__'])
      expect(coded(() => makeDisclosure(randomBytes(16), name, 1))).toBe('sd_jwt_reserved_name')
  })

  it('can digest with SM3 for the national profile', () => {
    const disclosure = makeDisclosure(randomBytes(16), 'a', 1, 'sm3')
    const input = signingInputOf(credentialHeader('ES256', []), {
      ...{ vct: 'v', _sd_alg: 'sm3', _sd: [disclosure.digest] },
    })
    const sdJwt = joinSdJwt(input, signEs256(input), [disclosure.encoded])
    expect(verifySdJwt(sdJwt, { key, at }).payload).toEqual({ vct: 'v', a: 1 })
  })
})

it('refuses a credential with one bit flipped anywhere', { timeout: 60_000 }, () => {
  const sdJwt = issue({ vct: 'v' }, hidden.slice(0, 2))
  for (const changed of flips(Buffer.from(sdJwt, 'latin1'))) {
    const text = Buffer.from(changed).toString('latin1')
    expect(codeOf(text), text).toBeDefined()
  }
})

it('refuses a credential whose parts are cut, doubled or swapped', () => {
  const sdJwt = issue()
  const [jwt = '', first = '', ...rest] = sdJwt.split('~')
  expect(codeOf(sdJwt.slice(0, -1))).toBeDefined()
  expect(codeOf(jwt)).toBe('sd_jwt_malformed')
  expect(codeOf(`${sdJwt}~`)).toBe('sd_jwt_disclosure')
  expect(codeOf(`~${sdJwt}`)).toBeDefined()
  expect(codeOf([jwt, first, first, ...rest].join('~'))).toBe('sd_jwt_disclosure')
  expect(codeOf([jwt, parseSdJwt(issue()).disclosures[0]?.encoded, ''].join('~'))).toBe(
    'sd_jwt_disclosure_unreferenced',
  )
})

describe('@sd-jwt/core 0.19', () => {
  const core = new SDJwtInstance({
    signAlg: 'ES256',
    hashAlg: 'sha-256',
    signer: (text: string) => signEs256(text).toString('base64url'),
    verifier: (text: string, signature: string) =>
      verify(
        'sha256',
        Buffer.from(text),
        { key: issuer.publicKey, ...p1363 },
        Buffer.from(signature, 'base64url'),
      ),
    hasher: (data: string | ArrayBuffer, algorithm: string) =>
      createHash(algorithm.replace('-', ''))
        .update(typeof data === 'string' ? data : Buffer.from(data))
        .digest(),
    saltGenerator: (length: number) => randomBytes(length).toString('base64url'),
  })

  it('verifies what we issue and reads the same claims', async () => {
    const sdJwt = issue()
    const { payload } = await core.verify(sdJwt)
    expect(payload).toEqual(verifySdJwt(sdJwt, { key, at }).payload)
  })

  it('verifies a choice of our disclosures', async () => {
    const presented = await core.present(issue(), { number: true })
    const { payload } = await core.verify(presented)
    expect(payload).toEqual(verifySdJwt(presented, { key, at }).payload)
    expect(payload).toHaveProperty('number')
    expect(payload).not.toHaveProperty('holders')
  })

  it('issues what we verify, with nested and array disclosures and decoys', async () => {
    const claims = {
      ...{ iss: 'i', iat, vct: 'v', owner: { name: '测试乙', address: { city: '青岛' } } },
      list: ['a', { b: 1 }, 'c'],
    }
    const issued = await core.issue(claims, {
      _sd: ['owner'],
      _sd_decoy: 3,
      owner: { _sd: ['name', 'address'], address: { _sd: ['city'] } },
      list: { _sd: [0, 1], _sd_decoy: 2 },
    })
    expect(verifySdJwt(issued, { key, at }).payload).toEqual(claims)
    const less = await core.present(issued, { owner: { address: true }, list: { 1: true } })
    expect(verifySdJwt(less, { key, at }).payload).toEqual((await core.verify(less)).payload)
  })
})

describe('digests and disclosures that break the rules', () => {
  const a = ['saltsaltsalt', 'a', 1]
  const element = ['saltsaltsalt', 'x']
  const nested = ['saltsaltsalt', 'n', { _sd: [digestOf(a)] }]

  it.each([
    ['an ordinary one', { _sd: [digestOf(a)] }, [a], undefined],
    ['a digest of one inside another', { _sd: [digestOf(nested)] }, [a, nested], undefined],
    ['an empty _sd', { _sd: [] }, [], undefined],
    ['no _sd_alg', { x: 1 }, [], undefined],
    [
      'sha-512 named but sha-256 used',
      { _sd_alg: 'sha-512', _sd: [digestOf(a)] },
      [a],
      'sd_jwt_disclosure_unreferenced',
    ],
    ['_sd_alg sha-1', { _sd_alg: 'sha-1' }, [], 'sd_jwt_digest_algorithm'],
    ['_sd_alg SHA-256', { _sd_alg: 'SHA-256' }, [], 'sd_jwt_digest_algorithm'],
    ['_sd_alg null', { _sd_alg: null }, [], 'sd_jwt_digest_algorithm'],
    ['_sd_alg below the top', { x: { _sd_alg: 'sha-256' } }, [], 'sd_jwt_reserved_name'],
    ['_sd that is a text', { _sd: digestOf(a) }, [], 'sd_jwt_malformed'],
    ['_sd that is null', { _sd: null }, [], 'sd_jwt_malformed'],
    ['_sd with a number', { _sd: [1] }, [], 'sd_jwt_malformed'],
    ['"..." outside an array', { '...': digestOf(element) }, [], 'sd_jwt_reserved_name'],
    [
      '"..." with company',
      { l: [{ '...': digestOf(element), x: 1 }] },
      [element],
      'sd_jwt_malformed',
    ],
    ['"..." that is no text', { l: [{ '...': 1 }] }, [], 'sd_jwt_malformed'],
    [
      'a member disclosure for an element',
      { l: [{ '...': digestOf(a) }] },
      [a],
      'sd_jwt_disclosure',
    ],
    [
      'an element disclosure for a member',
      { _sd: [digestOf(element)] },
      [element],
      'sd_jwt_disclosure',
    ],
    [
      'one digest in two places',
      { _sd: [digestOf(a)], x: { _sd: [digestOf(a)] } },
      [a],
      'sd_jwt_digest_repeated',
    ],
    [
      'one withheld digest in two places',
      { _sd: [digestOf(a), digestOf(a)] },
      [],
      'sd_jwt_digest_repeated',
    ],
    [
      'one digest in payload and disclosure',
      { _sd: [digestOf(a), digestOf(nested)] },
      [a, nested],
      'sd_jwt_digest_repeated',
    ],
    ['a name that is visible', { a: 2, _sd: [digestOf(a)] }, [a], 'sd_jwt_name_clash'],
    [
      'a name twice',
      { _sd: [digestOf(a), digestOf(['other salt', 'a', 2])] },
      [a, ['other salt', 'a', 2]],
      'sd_jwt_name_clash',
    ],
    [
      'an inner disclosure without the outer',
      { _sd: [digestOf(nested)] },
      [a],
      'sd_jwt_disclosure_unreferenced',
    ],
    ['four members', { _sd: [digestOf([...a, 1])] }, [[...a, 1]], 'sd_jwt_disclosure'],
    ['one member', { _sd: [digestOf(['s'])] }, [['s']], 'sd_jwt_disclosure'],
    [
      'a salt that is a number',
      { _sd: [digestOf([1, 'a', 1])] },
      [[1, 'a', 1]],
      'sd_jwt_disclosure',
    ],
    [
      'a name that is a number',
      { _sd: [digestOf(['s', 1, 1])] },
      [['s', 1, 1]],
      'sd_jwt_disclosure',
    ],
    ['an object', { _sd: [digestOf({ a: 1 })] }, [{ a: 1 }], 'sd_jwt_disclosure'],
    [
      'the name __proto__',
      { _sd: [digestOf(['s', '__proto__', { x: 1 }])] },
      [['s', '__proto__', { x: 1 }]],
      'sd_jwt_reserved_name',
    ],
    [
      'the name _sd_alg',
      { _sd: [digestOf(['s', '_sd_alg', 'md5'])] },
      [['s', '_sd_alg', 'md5']],
      'sd_jwt_reserved_name',
    ],
    [
      'a reserved name deep in a value',
      { _sd: [digestOf(['s', 'v', { x: { '...': 'y' } }])] },
      [['s', 'v', { x: { '...': 'y' } }]],
      'sd_jwt_reserved_name',
    ],
  ])('%s', (_what, payload, disclosures, code) => {
    expect(codeOf(forge(payload, disclosures))).toBe(code)
  })

  it('a chain of ten thousand disclosures ends in a code, not in a full stack', () => {
    const chain: unknown[] = [['salt', 'c0', 1]]
    for (let n = 1; n < 10_000; n++)
      chain.push(['salt', `c${String(n)}`, { _sd: [digestOf(chain[n - 1])] }])
    expect(codeOf(forge({ _sd: [digestOf(chain.at(-1))] }, chain))).toBe('sd_jwt_malformed')
  })

  it('a disclosure with a repeated member or white space around it', () => {
    const twice = encodeBase64Url(Buffer.from('["s","a",{"x":1,"x":2}]'))
    const digest = createHash('sha256').update(twice).digest('base64url')
    const sdJwt = forge({ _sd: [digest] })
    expect(codeOf(`${sdJwt}${twice}~`)).toBe('sd_jwt_disclosure')
  })
})

describe('credentials', () => {
  const header = { alg: 'ES256', typ: 'dc+sd-jwt' }

  it.each(['iss', 'nbf', 'exp', 'cnf', 'vct', 'status'])(
    'never disclose %s selectively',
    (name) => {
      const claim = ['saltsaltsalt', name, name === 'vct' ? 'v' : 1]
      const payload = { ...(name === 'vct' ? {} : { vct: 'v' }), _sd: [digestOf(claim)] }
      expect(codeOf(forge(payload, [claim], header))).toBe('sd_jwt_claim_disclosable')
    },
  )

  it('have a type', () => {
    expect(codeOf(forge({ x: 1 }, [], header))).toBe('token_claim')
    expect(codeOf(forge({ vct: 'v' }, [], header))).toBeUndefined()
  })

  it.each([
    ['exp now', { exp: iat + 60 }, 'token_expired'],
    ['exp in a second', { exp: iat + 61 }, undefined],
    ['nbf two minutes ahead', { nbf: iat + 180 }, 'token_not_yet_valid'],
    ['iat two minutes ahead', { iat: iat + 180 }, 'token_not_yet_valid'],
    ['iat thirty seconds ahead', { iat: iat + 90 }, undefined],
    ['exp that is a text', { exp: '2099-01-01' }, 'token_claim'],
    ['iat that is null', { iat: null }, 'token_claim'],
  ])('with %s', (_what, claims, code) => {
    expect(codeOf(forge(claims))).toBe(code)
  })
})

it('takes no time claim as met when the time of judgement is invalid', () => {
  for (const claims of [{ exp: iat + 99 }, { nbf: iat }, { iat }]) {
    const options = { key, at: new Date(Number.NaN) }
    expect(coded(() => verifySdJwt(forge(claims), options))).toMatch(/^token_/)
  }
})

describe('key binding', () => {
  const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cnf = { jwk: holder.publicKey.export({ format: 'jwk' }) }
  const policy = { required: true, aud: 'https://verifier.example', nonce: 'n-1' } as const
  const bound = (claims: object = {}, header: object = {}, sdJwt = forge({ cnf })) => {
    const sdHash = createHash('sha256').update(sdJwt).digest('base64url')
    const parts = [
      { alg: 'ES256', typ: 'kb+jwt', ...header },
      { iat, aud: policy.aud, nonce: policy.nonce, sd_hash: sdHash, ...claims },
    ].map((part) => encodeBase64Url(Buffer.from(JSON.stringify(part))))
    const input = parts.join('.')
    const signature = sign('sha256', Buffer.from(input), { key: holder.privateKey, ...p1363 })
    return `${sdJwt}${input}.${encodeBase64Url(signature)}`
  }
  const codeFor = (sdJwt: string, required = true) =>
    coded(() =>
      verifySdJwt(sdJwt, { key, at, keyBinding: required ? policy : { required: false } }),
    )

  it('is verified against audience and nonce', () => {
    const verified = verifySdJwt(bound(), { key, at, keyBinding: policy })
    expect(verified.keyBinding).toBe('verified')
  })

  it.each([
    ['another audience', { aud: 'x' }, {}],
    ['a list of audiences', { aud: [policy.aud] }, {}],
    ['another nonce', { nonce: 'n-2' }, {}],
    ['no nonce', { nonce: undefined }, {}],
    ['no iat', { iat: undefined }, {}],
    ['iat ahead', { iat: iat + 3600 }, {}],
    ['exp past', { exp: iat }, {}],
    ['another sd_hash', { sd_hash: digestOf('x') }, {}],
    ['another typ', {}, { typ: 'JWT' }],
    ['an algorithm that is not the key’s', {}, { alg: 'ES384' }],
    ['crit', {}, { crit: ['x'] }],
  ])('with %s is refused', (_what, claims, header) => {
    expect(codeFor(bound(claims, header))).toMatch(/^(key_binding_invalid|jws_critical)$/)
  })

  it('is refused without a key in the credential, and when it is missing', () => {
    expect(codeFor(bound({}, {}, forge({ x: 1 })))).toBe('key_binding_invalid')
    expect(codeFor(forge({ cnf }))).toBe('key_binding_missing')
  })

  it('must hold even where none is required', () => {
    expect(codeFor(bound({ nonce: 'any' }), false)).toBeUndefined()
    expect(codeFor(bound({ sd_hash: 'x' }), false)).toBe('key_binding_invalid')
    expect(codeFor(bound({}, {}, issue()), false)).toBe('key_binding_invalid')
  })

  it('is refused with one bit flipped anywhere', { timeout: 60_000 }, () => {
    const presented = bound()
    const start = presented.lastIndexOf('~') + 1
    for (const changed of flips(Buffer.from(presented.slice(start), 'latin1')))
      expect(
        codeFor(presented.slice(0, start) + Buffer.from(changed).toString('latin1')),
      ).toBeDefined()
  })
})

it('fails with a code whatever the text', () => {
  const token = fc.constantFrom(
    ...['~', '.', 'e30', 'eyJhbGciOiJFUzI1NiJ9', 'AA', 'WyJzIiwiYSIsMV0', '='],
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 10 }), (tokens) => {
      expect(codeOf(tokens.join(''))).toBeDefined()
    }),
    { numRuns: 2000 },
  )
})
