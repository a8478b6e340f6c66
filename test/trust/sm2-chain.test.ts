import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPlainSm2Engine } from '../../src/crypto/sm2/open-engine.ts'
import { sm2SignatureVerifiers } from '../../src/crypto/sm2/signature-verifier.ts'
import { openGmWasm } from '../../src/crypto/wasm/gm-wasm.ts'
import { issueCertificate, makeRoot, makeSubCa, type Validity } from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { makeCrl } from '../../src/trust/make-crl.ts'
import { parseCertificate, parseSigned } from '../../src/trust/parse-certificate.ts'
import {
  createRequestVerifier,
  makeSigningRequest,
  readSigningRequest,
} from '../../src/trust/signing-request.ts'
import { generateSm2Key, loadIssuingKey } from '../../src/trust/sm2-issuing-key.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { flips } from '../crypto/coded.ts'
import { certificates, derOf, readVector } from '../crypto/sm2/gm-vectors.ts'

const engine = createPlainSm2Engine({ random: randomBytes, wasm: openGmWasm() })
const { verifyDer } = sm2SignatureVerifiers(engine)
const verify = createSignatureVerifier(verifyDer)

const verdict = (certificate: Uint8Array, issuer: Uint8Array) => {
  const { tbs, signature, signatureAlgorithm: algorithm } = parseCertificate(certificate)
  const { publicKey } = parseCertificate(issuer)
  return verify({ algorithm, publicKey, bytes: tbs, signature })
}

const certificateOf = (name: string): Buffer => {
  const bytes = readVector(`certs/${name}`)
  return name.endsWith('.pem') ? derOf(bytes.toString('latin1')) : bytes
}

describe('certificates of other software', () => {
  it('are signed by their issuers exactly where OpenSSL says so', () => {
    expect(certificates.links.length).toBeGreaterThan(5)
    for (const { cert, issuer, signature } of certificates.links)
      expect([cert, verdict(certificateOf(cert), certificateOf(issuer))]).toEqual([
        cert,
        signature === 'valid' ? 'right' : 'wrong',
      ])
  })

  it('are signed by themselves under the default user id, not under the empty one', () => {
    for (const { cert, signatureDefaultId } of certificates.selfSigned)
      expect([cert, verdict(certificateOf(cert), certificateOf(cert))]).toEqual([
        cert,
        signatureDefaultId ? 'right' : 'wrong',
      ])
  })

  it('are unsupported without SM2 at hand', () => {
    const { tbs, signature, signatureAlgorithm, publicKey } = parseCertificate(
      certificateOf('a-root.pem'),
    )
    const signed = { algorithm: signatureAlgorithm, publicKey, bytes: tbs, signature }
    expect(createSignatureVerifier()(signed)).toBe('unsupported')
  })
})

describe('the development CA with SM2', () => {
  const validity: Validity = {
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2031-01-01T00:00:00Z'),
  }
  const name = (commonName: string) => writeName({ countryName: 'CN', commonName })

  const chain = async () => {
    const rootKey = generateSm2Key(engine)
    const root = await makeRoot({
      ...{ subject: name('国密根'), key: rootKey.key, validity, random: randomBytes },
    })
    const sub = await makeSubCa({
      issuer: root,
      ...{
        subject: name('国密二级'),
        key: generateSm2Key(engine).key,
        validity,
        random: randomBytes,
      },
    })
    const leafKey = generateSm2Key(engine)
    const leaf = await issueCertificate({
      issuer: sub,
      profile: 'licenceSigning',
      subject: name('公安局'),
      spki: leafKey.key.spki,
      uri: 'https://gateway.example/issuers/11370200004',
      ...{ validity, random: randomBytes },
    })
    return { rootKey, root, sub, leaf, leafKey }
  }

  it('signs roots, intermediates, leaves and CRLs, of which no bit can change', async () => {
    const { root, sub, leaf } = await chain()
    expect(verdict(root.certificate, root.certificate)).toBe('right')
    expect(verdict(sub.certificate, root.certificate)).toBe('right')
    expect(verdict(leaf, sub.certificate)).toBe('right')
    expect(verdict(leaf, root.certificate)).toBe('wrong')
    const crl = await makeCrl({
      issuer: sub,
      number: 1,
      thisUpdate: validity.notBefore,
      nextUpdate: validity.notAfter,
      revoked: [],
    })
    const { tbs, algorithm, signature } = parseSigned(crl)
    const { publicKey } = parseCertificate(sub.certificate)
    const signed = { algorithm, publicKey, bytes: tbs.encoding, signature }
    expect(verify(signed)).toBe('right')
    for (const bytes of flips(tbs.encoding)) expect(verify({ ...signed, bytes })).toBe('wrong')
  })

  it('mixes with P-256 above and below', async () => {
    const { root, sub } = await chain()
    const p256 = generateP256Key().key
    const order = { subject: name('混合'), key: p256, validity, random: randomBytes }
    const mixed = await makeSubCa({ issuer: root, ...order })
    expect(verdict(mixed.certificate, root.certificate)).toBe('right')
    const other = await makeRoot(order)
    const under = await makeSubCa({ ...order, issuer: other, key: sub.key })
    expect(verdict(under.certificate, other.certificate)).toBe('right')
  })

  it('signs requests, and reads only those signed by their own key', async () => {
    const { leafKey } = await chain()
    const request = await makeSigningRequest(name('请求'), leafKey.key)
    const verifies = createRequestVerifier(verifyDer)
    const read = readSigningRequest(request, verifies)
    expect(Buffer.compare(read.spki, leafKey.key.spki)).toBe(0)
    const altered = Uint8Array.from(request)
    altered[20] = (altered[20] ?? 0) ^ 1
    expect(() => readSigningRequest(altered, verifies)).toThrow()
    expect(() => readSigningRequest(request)).toThrow()
    const p256 = await makeSigningRequest(name('请求'), generateP256Key().key)
    expect(readSigningRequest(p256, verifies).spki.length).toBeGreaterThan(0)
  })

  it('comes back from its key file', async () => {
    const { rootKey } = await chain()
    const loaded = loadIssuingKey(engine, rootKey.privateKeyPem)
    expect(Buffer.compare(loaded.spki, rootKey.key.spki)).toBe(0)
    const p256 = generateP256Key()
    const other = loadIssuingKey(engine, p256.privateKeyPem)
    expect(Buffer.compare(other.spki, p256.key.spki)).toBe(0)
    const bytes = Buffer.from('certificate')
    expect(verifyDer(rootKey.key.spki, bytes, await loaded.sign(bytes))).toBe(true)
  })
})
