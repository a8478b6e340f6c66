import { generateKeyPairSync, constants } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { derContext, derInteger, derNull, derOid, derSequence } from '../../src/crypto/write-der.ts'
import { generateP256Key, type IssuingKey } from '../../src/trust/issuing-key.ts'
import { oid } from '../../src/trust/oid.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { ecKey, ed25519Key, forgeCa, forgeLeaf, judge, nodeKey, party, rsaKey } from './forge.ts'

const sha256WithRsa = '1.2.840.113549.1.1.11'
const sha1WithRsa = '1.2.840.113549.1.1.5'

const pss = (hash: string, hashOid: string, saltLength: number, maskOid = hashOid): IssuingKey => {
  const hashId = derSequence(derOid(hashOid), derNull())
  const maskId = derSequence(derOid(maskOid), derNull())
  const parameters = derSequence(
    derContext(0, hashId),
    derContext(1, derSequence(derOid(oid.mgf1), maskId)),
    derContext(2, derInteger(saltLength)),
  )
  const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return nodeKey(pair, hash, derSequence(derOid(oid.rsaPss), parameters), options)
}

const codeOf = async (key: IssuingKey, leafKey?: IssuingKey): Promise<string> => {
  const root = { name: writeName({ commonName: 'root' }), key }
  const anchors = [await forgeCa(root, root)]
  return (await judge({ anchors, leaf: await forgeLeaf(root, party('leaf', leafKey)) })).code
}

const sha256 = '2.16.840.1.101.3.4.2.1'
const sha384 = '2.16.840.1.101.3.4.2.2'

describe('algorithms', () => {
  it.each([
    ['RSA 2048 with SHA-256', () => rsaKey(2048, 'sha256', sha256WithRsa)],
    ['RSA 3072 with SHA-512', () => rsaKey(3072, 'sha512', '1.2.840.113549.1.1.13')],
    ['RSA-PSS with SHA-256', () => pss('sha256', sha256, 32)],
    ['RSA-PSS with SHA-384', () => pss('sha384', sha384, 48)],
    ['ECDSA P-256', () => ecKey('P-256', 'sha256', '1.2.840.10045.4.3.2')],
    ['ECDSA P-384', () => ecKey('P-384', 'sha384', '1.2.840.10045.4.3.3')],
    ['ECDSA P-521', () => ecKey('P-521', 'sha512', '1.2.840.10045.4.3.4')],
    ['Ed25519', ed25519Key],
  ])('verifies %s', async (_, make) => {
    expect(await codeOf(make())).toBe('passed')
  })

  it.each([
    ['RSA 1024', 'weak_key', () => rsaKey(1024, 'sha256', sha256WithRsa)],
    ['RSA of 2052 bits', 'weak_key', () => rsaKey(2052, 'sha256', sha256WithRsa)],
    ['RSA with exponent 3', 'weak_key', () => rsaKey(2048, 'sha256', sha256WithRsa, 3)],
    ['RSA with SHA-1', 'weak_algorithm', () => rsaKey(2048, 'sha1', sha1WithRsa)],
    ['ECDSA P-256 with SHA-1', 'weak_algorithm', () => ecKey('P-256', 'sha1', '1.2.840.10045.4.1')],
    [
      'ECDSA over secp256k1',
      'unsupported_algorithm',
      () => ecKey('secp256k1', 'sha256', '1.2.840.10045.4.3.2'),
    ],
    [
      'ECDSA with SHA-256 said to be SHA-384',
      'signature_invalid',
      () => ecKey('P-256', 'sha256', '1.2.840.10045.4.3.3'),
    ],
    [
      'an RSA key under an ECDSA algorithm',
      'unsupported_algorithm',
      () => rsaKey(2048, 'sha256', '1.2.840.10045.4.3.2'),
    ],
    [
      'RSA-PSS with another mask hash',
      'unsupported_algorithm',
      () => pss('sha256', sha256, 32, sha384),
    ],
    [
      'RSA-PSS with another salt length than said',
      'signature_invalid',
      () => {
        const key = pss('sha256', sha256, 32)
        return { ...key, signatureAlgorithm: pss('sha256', sha256, 20).signatureAlgorithm }
      },
    ],
    [
      'an unknown algorithm',
      'unsupported_algorithm',
      () => ({
        ...generateP256Key().key,
        signatureAlgorithm: derSequence(derOid('1.2.3.4')),
      }),
    ],
    [
      'ECDSA with parameters',
      'unsupported_algorithm',
      () => ({
        ...generateP256Key().key,
        signatureAlgorithm: derSequence(derOid('1.2.840.10045.4.3.2'), derNull()),
      }),
    ],
  ])('refuses %s as %s', async (_, code, make) => {
    expect(await codeOf(make())).toBe(code)
  })

  it('judges the key of the leaf, too', async () => {
    const root = generateP256Key().key
    expect(await codeOf(root, rsaKey(1024, 'sha256', sha256WithRsa))).toBe('weak_key')
    expect(await codeOf(root, ecKey('secp256k1', 'sha256', '1.2.840.10045.4.3.2'))).toBe(
      'unsupported_algorithm',
    )
  })

  it('refuses a point that is not on its curve', async () => {
    const { key } = generateP256Key()
    const spki = key.spki.map((byte, i) => (i === key.spki.length - 1 ? byte ^ 1 : byte))
    expect(await codeOf({ ...key, spki })).toBe('unsupported_algorithm')
  })
})
