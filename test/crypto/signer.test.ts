import 'reflect-metadata'
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { expect, it } from 'vitest'
import { loadFileSigner } from '../../src/crypto/signer.ts'
import { verifySignature } from '../../src/crypto/verify-signature.ts'
import { coded } from './coded.ts'

const keys = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve })
const pemOf = (pair: ReturnType<typeof keys>) =>
  pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

const certificateFor = async (): Promise<{ pem: string; der: Buffer; spki: Buffer }> => {
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    ...(['sign', 'verify'] as const),
  ])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: 'CN=测试签发机构', keys: pair, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } },
    webcrypto,
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey))
  return {
    pem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`,
    der: Buffer.from(certificate.rawData),
    spki: Buffer.from(certificate.publicKey.rawData),
  }
}

it('signs what its certificate verifies', async () => {
  const { pem, der, spki } = await certificateFor()
  const signer = loadFileSigner(pem, [der])
  const bytes = Buffer.from('header.payload')
  const signature = await signer.sign(bytes)
  expect(signature).toHaveLength(64)
  expect(verifySignature({ alg: signer.alg, spki, bytes, signature })).toBe(true)
})

it('is not made from a key and the certificate of another', async () => {
  const [{ pem }, other] = [await certificateFor(), await certificateFor()]
  expect(coded(() => loadFileSigner(pem, [other.der]))).toBe('key_mismatch')
  expect(coded(() => loadFileSigner(pem, []))).toBe('key_mismatch')
  expect(coded(() => loadFileSigner(pem, [Buffer.from('x')]))).toBe('key_mismatch')
})

it('is not made from other kinds of keys or from no key', () => {
  expect(coded(() => loadFileSigner(pemOf(keys('P-384')), []))).toBe('key_unsupported')
  expect(coded(() => loadFileSigner('no key', []))).toBe('key_unsupported')
})
