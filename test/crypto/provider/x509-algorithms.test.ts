import 'reflect-metadata'
import { randomBytes, type webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
  X509CrlGenerator,
} from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { registerX509Algorithms } from '../../../src/crypto/provider/x509-algorithms.ts'
import { createSignatureVerifier } from '../../../src/trust/verify-signed.ts'
import { parseCertificate, parseSigned } from '../../../src/trust/parse-certificate.ts'
import { certificates, readVector } from '../sm2/gm-vectors.ts'

const gm = await openGmCrypto({ random: randomBytes })
registerX509Algorithms(gm.webcrypto)
registerX509Algorithms(gm.webcrypto)
const verify = createSignatureVerifier(gm.verifiers.verifyDer)

const newKeys = async () => {
  const usages: webcrypto.KeyUsage[] = ['sign', 'verify']
  const keys: unknown = await gm.webcrypto.subtle.generateKey({ name: 'SM2' }, true, usages)
  return keys as { privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey }
}

const sm2 = { name: 'SM2', hash: 'SM3' }
const extensions = [new BasicConstraintsExtension(true)]
const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') }

describe('@peculiar/x509 on SM2', () => {
  it('verifies certificates of OpenSSL, each under its issuer', async () => {
    for (const { cert, issuer, signature } of certificates.links) {
      const certificate = new X509Certificate(readVector(`certs/${cert}`))
      const parent = new X509Certificate(readVector(`certs/${issuer}`))
      const params = { publicKey: parent.publicKey, signatureOnly: true }
      expect([cert, await certificate.verify(params, gm.webcrypto)]).toEqual([
        cert,
        signature === 'valid',
      ])
    }
  })

  it('makes roots, leaves, requests and CRLs that both sides verify', async () => {
    const rootKeys = await newKeys()
    const root = await X509CertificateGenerator.createSelfSigned(
      { name: 'CN=root', keys: rootKeys, serialNumber: '01', extensions, ...validity },
      gm.webcrypto,
    )
    const leafKeys = await newKeys()
    const leaf = await X509CertificateGenerator.create(
      {
        subject: 'CN=leaf',
        issuer: root.subject,
        signingKey: rootKeys.privateKey,
        publicKey: leafKeys.publicKey,
        serialNumber: '02',
        ...validity,
      },
      gm.webcrypto,
    )
    expect(await leaf.verify({ publicKey: root, signatureOnly: true }, gm.webcrypto)).toBe(true)
    expect(await leaf.verify({ publicKey: leaf, signatureOnly: true }, gm.webcrypto)).toBe(false)
    const request = await Pkcs10CertificateRequestGenerator.create(
      { name: 'CN=request', keys: leafKeys, signingAlgorithm: sm2 },
      gm.webcrypto,
    )
    expect(await new Pkcs10CertificateRequest(request.rawData).verify(gm.webcrypto)).toBe(true)
    const crl = await X509CrlGenerator.create(
      {
        issuer: root.subject,
        signingKey: rootKeys.privateKey,
        signingAlgorithm: sm2,
        thisUpdate: validity.notBefore,
      },
      gm.webcrypto,
    )
    const publicKey = { publicKey: root.publicKey }
    expect(await new X509Crl(crl.rawData).verify(publicKey, gm.webcrypto)).toBe(true)
    const parsedRoot = parseCertificate(new Uint8Array(root.rawData))
    for (const raw of [root.rawData, leaf.rawData, crl.rawData]) {
      const { tbs, algorithm, signature } = parseSigned(new Uint8Array(raw))
      const signed = { algorithm, publicKey: parsedRoot.publicKey, signature }
      expect(verify({ ...signed, bytes: tbs.encoding })).toBe('right')
      expect(algorithm).toMatchObject({ id: '1.2.156.10197.1.501', parameters: undefined })
    }
  })
})
