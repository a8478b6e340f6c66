import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, it } from 'vitest'
import { parseJson } from '../../../src/crypto/parse-json.ts'
import { judgeCase } from '../../../src/verification/conformance/judge-case.ts'
import { readWycheproofSigSuite } from '../../../src/verification/conformance/read-wycheproof-sig-suite.ts'

const message = Buffer.from('证桥')

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

const ec = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve })
const [p256, p384, p521] = [ec('P-256'), ec('P-384'), ec('P-521')]
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const p1363 = { dsaEncoding: 'ieee-p1363' } as const
const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

/** One good signature, one with a bit changed, one cut short, in the members of the upstream format. */
const groupOf = (
  type: string,
  { publicKey, privateKey }: Pair,
  sha: string | undefined,
  options: object = {},
  members: object = {},
) => {
  const hash = sha?.replace('-', '').toLowerCase() ?? null
  const good = sign(hash, message, { key: privateKey, ...options })
  const flipped = Buffer.from(good)
  flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20)
  const test = (tcId: number, sig: Buffer, result: string) => ({
    ...{ tcId, comment: 'x', flags: [], msg: message.toString('hex') },
    ...{ sig: sig.toString('hex'), result },
  })
  return {
    ...{ type, source: { name: 'x' }, ...(sha === undefined ? {} : { sha }), ...members },
    publicKeyDer: publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
    tests: [
      test(1, good, 'valid'),
      test(2, flipped, 'invalid'),
      test(3, good.subarray(1), 'invalid'),
    ],
  }
}

const answersTo = async (group: object): Promise<readonly string[]> => {
  const json = parseJson(JSON.stringify({ algorithm: 'x', testGroups: [group] }))
  const readBeside = () => Promise.reject(new Error('not here'))
  const answers: string[] = []
  for await (const item of readWycheproofSigSuite({
    ...{ json, readBeside, now: new Date(0), cpuMs: () => 0 },
  }))
    answers.push((await judgeCase(item, () => 0)).got)
  return answers
}

it.each([
  ['ECDSA P-384, SHA-384', groupOf('EcdsaVerify', p384, 'SHA-384')],
  ['ECDSA P-521, SHA-512', groupOf('EcdsaVerify', p521, 'SHA-512')],
  ['ECDSA P-256, SHA-512', groupOf('EcdsaVerify', p256, 'SHA-512')],
  ['ECDSA P-384, SHA-384, P1363', groupOf('EcdsaP1363Verify', p384, 'SHA-384', p1363)],
  ['ECDSA P-521, SHA-512, P1363', groupOf('EcdsaP1363Verify', p521, 'SHA-512', p1363)],
  ['ECDSA P-256, SHA-512, P1363', groupOf('EcdsaP1363Verify', p256, 'SHA-512', p1363)],
  ['Ed25519', groupOf('EddsaVerify', ed25519, undefined)],
  ['RSA PKCS#1, SHA-256', groupOf('RsassaPkcs1Verify', rsa, 'SHA-256')],
  ['RSA PKCS#1, SHA-512', groupOf('RsassaPkcs1Verify', rsa, 'SHA-512')],
  [
    'RSA PSS, SHA-256, salt 32',
    groupOf('RsassaPssVerify', rsa, 'SHA-256', pss(32), {
      mgf: 'MGF1',
      mgfSha: 'SHA-256',
      sLen: 32,
    }),
  ],
  [
    'RSA PSS, SHA-384, salt 0',
    groupOf('RsassaPssVerify', rsa, 'SHA-384', pss(0), { mgf: 'MGF1', mgfSha: 'SHA-384', sLen: 0 }),
  ],
])('judges Wycheproof groups of %s', async (_, group) => {
  expect(await answersTo(group)).toEqual(['accept', 'reject', 'reject'])
})

it('refuses a salt of another length than the group says', async () => {
  const members = { mgf: 'MGF1', mgfSha: 'SHA-256', sLen: 20 }
  const group = groupOf('RsassaPssVerify', rsa, 'SHA-256', pss(32), members)
  expect(await answersTo(group)).toEqual(['reject', 'reject', 'reject'])
})

it.each([
  ['a kind of group that is unknown', groupOf('EcdsaBitcoinVerify', p256, 'SHA-256')],
  ['a hash that is unknown', { ...groupOf('EcdsaVerify', p256, 'SHA-256'), sha: 'SHA3-256' }],
  ['a key that is none', { ...groupOf('EcdsaVerify', p256, 'SHA-256'), publicKeyDer: '3000' }],
  ['a curve that is not supported', groupOf('EcdsaVerify', ec('secp256k1'), 'SHA-256')],
  ['no key', { ...groupOf('EcdsaVerify', p256, 'SHA-256'), publicKeyDer: undefined }],
])('refuses %s and goes on', async (_, group) => {
  expect(await answersTo(group)).toEqual(['reject', 'reject', 'reject'])
})
