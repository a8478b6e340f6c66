import { randomBytes } from 'node:crypto'
import { fromBER, OctetString } from 'asn1js'
import {
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs'
import { ObjectIdentifier } from 'asn1js'
import { describe, expect, it } from 'vitest'
import { makeSignedData } from '../../../src/crypto/cms/make-signed-data.ts'
import { parseSignedData } from '../../../src/crypto/cms/parse-signed-data.ts'
import { verifySignedData } from '../../../src/crypto/cms/verify-signed-data.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { GmCryptoEngine } from '../../../src/crypto/provider/pkijs-engine.ts'
import { gmOid } from '../../../src/crypto/sm2/oid.ts'
import { sm2CmsSigner } from '../../../src/crypto/sm2/sm2-signer.ts'
import { makeRoot } from '../../../src/trust/dev-ca.ts'
import { sm2IssuingKey } from '../../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../../src/trust/write-name.ts'
import { writeSm2PrivateKey } from '../../../src/crypto/sm2/write-private-key.ts'
import { certificates, cmsCases, derOf, readVector } from '../sm2/gm-vectors.ts'

const gm = await openGmCrypto({ random: randomBytes })
const engine = new GmCryptoEngine(gm.webcrypto)
const content = Buffer.from('照面数据')

const contentOf = (der: Uint8Array): SignedData => {
  const info = ContentInfo.fromBER(Uint8Array.from(der).buffer)
  return new SignedData({ schema: info.content })
}

const verdictOf = async (der: Uint8Array, detached?: Uint8Array): Promise<boolean> => {
  const data = detached === undefined ? {} : { data: Uint8Array.from(detached).buffer }
  try {
    return await contentOf(der).verify({ signer: 0, checkChain: false, ...data }, engine)
  } catch {
    return false
  }
}

const authority = async () => {
  const key = gm.sm2.generateKey()
  const root = await makeRoot({
    subject: writeName({ countryName: 'CN', commonName: '签名人' }),
    key: sm2IssuingKey(gm.sm2, key),
    validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
    random: randomBytes,
  })
  return { key, certificate: root.certificate }
}

describe('pkijs on SM2', () => {
  it('agrees about every CMS file', async () => {
    for (const { file, content: detached, signature } of cmsCases) {
      const data = detached === null ? undefined : readVector(`cms/${detached}`)
      expect([file, await verdictOf(readVector(`cms/${file}`), data)]).toEqual([
        file,
        signature === 'valid',
      ])
    }
  })

  it('agrees about every certificate link', async () => {
    const read = (name: string): Certificate => {
      const bytes = readVector(`certs/${name}`)
      const der = name.endsWith('.pem') ? derOf(bytes.toString('latin1')) : bytes
      return new Certificate({ schema: fromBER(Uint8Array.from(der).buffer).result })
    }
    for (const { cert, issuer, signature } of certificates.links)
      expect([cert, await read(cert).verify(read(issuer), engine)]).toEqual([
        cert,
        signature === 'valid',
      ])
  })

  it('verifies the CMS that we make', async () => {
    const { key, certificate } = await authority()
    for (const dialect of ['rfc', 'gm'] as const)
      for (const detached of [true, false])
        for (const attributes of [undefined, {}]) {
          const signer = sm2CmsSigner(gm.sm2, key, [certificate])
          const der = await makeSignedData(content, signer, { dialect, detached, attributes })
          expect(await verdictOf(der, detached ? content : undefined)).toBe(true)
        }
  })

  it.each([gmOid.sm2WithSm3, gmOid.sm2Signature])('makes CMS that we verify (%s)', async (oid) => {
    const signing = new GmCryptoEngine(gm.webcrypto, oid)
    const { key, certificate } = await authority()
    const parsed = Certificate.fromBER(Uint8Array.from(certificate).buffer)
    const pkcs8 = Uint8Array.from(writeSm2PrivateKey(key)).buffer
    const privateKey = await signing.importKey('pkcs8', pkcs8, { name: 'SM2' }, false, ['sign'])
    const messageDigest = await signing.digest('SM3', content)
    const attributes = [
      new Attribute({
        type: '1.2.840.113549.1.9.3',
        values: [new ObjectIdentifier({ value: '1.2.840.113549.1.7.1' })],
      }),
      new Attribute({
        type: '1.2.840.113549.1.9.4',
        values: [new OctetString({ valueHex: messageDigest })],
      }),
    ]
    for (const signedAttrs of [undefined, attributes]) {
      const signed = new SignedData({
        version: 1,
        encapContentInfo: new EncapsulatedContentInfo({
          eContentType: '1.2.840.113549.1.7.1',
          eContent: new OctetString({ valueHex: Uint8Array.from(content).buffer }),
        }),
        signerInfos: [
          new SignerInfo({
            version: 1,
            sid: new IssuerAndSerialNumber({
              issuer: parsed.issuer,
              serialNumber: parsed.serialNumber,
            }),
            ...(signedAttrs === undefined
              ? {}
              : {
                  signedAttrs: new SignedAndUnsignedAttributes({
                    type: 0,
                    attributes: signedAttrs,
                  }),
                }),
          }),
        ],
        certificates: [parsed],
      })
      await signed.sign(privateKey, 0, 'SM3', undefined, signing)
      const info = new ContentInfo({
        contentType: ContentInfo.SIGNED_DATA,
        content: signed.toSchema(true),
      })
      const der = new Uint8Array(info.toSchema().toBER(false))
      const verifySm2 = gm.verifiers.verifyDer
      expect(verifySignedData(parseSignedData(der), { verifySm2 })).toMatchObject([
        { status: 'right' },
      ])
      expect(parseSignedData(der).signers[0]?.signatureAlgorithm).toBe(oid)
    }
  })

  it('takes no signature of one algorithm under a key of another', async () => {
    const { certificate } = await authority()
    const parsed = Certificate.fromBER(Uint8Array.from(certificate).buffer)
    parsed.signatureAlgorithm.algorithmId = '1.2.840.10045.4.3.2'
    expect(await parsed.verify(parsed, engine)).toBe(false)
  })
})
