import { randomBytes, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSignedData, type CmsSigner } from '../../../src/crypto/cms/make-signed-data.ts'
import { parseSignedData } from '../../../src/crypto/cms/parse-signed-data.ts'
import { verifySignedData } from '../../../src/crypto/cms/verify-signed-data.ts'
import { derExplicit, derList, readDer } from '../../../src/crypto/read-der.ts'
import { derContext, derSequence, derTag, derTlv } from '../../../src/crypto/write-der.ts'
import { createPlainSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import { gmOid } from '../../../src/crypto/sm2/oid.ts'
import { sm2SignatureVerifiers } from '../../../src/crypto/sm2/signature-verifier.ts'
import { sm2CmsSigner } from '../../../src/crypto/sm2/sm2-signer.ts'
import { makeRoot } from '../../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../../src/trust/issuing-key.ts'
import { sm2IssuingKey } from '../../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../../src/trust/write-name.ts'
import { coded, flips } from '../coded.ts'
import { wasm } from '../sm2/backends.ts'
import { cmsCases, derOf, readVector } from '../sm2/gm-vectors.ts'

const engine = createPlainSm2Engine({ random: randomBytes, wasm })
const verifySm2 = sm2SignatureVerifiers(engine).verifyDer
const content = Buffer.from('照面数据')

const authority = async () => {
  const key = engine.generateKey()
  const root = await makeRoot({
    subject: writeName({ countryName: 'CN', commonName: '签名人' }),
    key: sm2IssuingKey(engine, key),
    validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
    random: randomBytes,
  })
  return { key, certificate: root.certificate }
}

describe('CMS files of other software', () => {
  it('have signatures exactly where the index says so', () => {
    expect(cmsCases).toHaveLength(23)
    for (const { file, content: detached, signature, signer } of cmsCases) {
      const signed = parseSignedData(readVector(`cms/${file}`))
      const [verdict, ...more] = verifySignedData(signed, {
        verifySm2,
        ...(detached === null ? {} : { content: readVector(`cms/${detached}`) }),
      })
      expect(more).toEqual([])
      expect([file, verdict?.status === 'right']).toEqual([file, signature === 'valid'])
      const named = derOf(readVector(`certs/${signer.replace('../certs/', '')}`).toString('latin1'))
      expect(Buffer.compare(verdict?.certificate ?? Buffer.alloc(0), named)).toBe(0)
    }
  })

  it('do not verify detached without their content', () => {
    const signed = parseSignedData(readVector('cms/cms-rfc-attrs-det.der'))
    expect(verifySignedData(signed, { verifySm2 })).toMatchObject([{ status: 'content_missing' }])
    const context = { verifySm2, content: Buffer.from('other') }
    expect(verifySignedData(signed, context)).toMatchObject([{ status: 'digest_mismatch' }])
  })
})

const forms = (['rfc', 'gm'] as const).flatMap((dialect) =>
  [true, false].flatMap((detached) =>
    [undefined, {}, { signingTime: new Date('2026-11-23T00:00:00Z') }].flatMap((attributes) =>
      [gmOid.sm2WithSm3, gmOid.sm2Signature].map((sm2SignatureOid) => ({
        ...{ dialect, detached, attributes, sm2SignatureOid },
      })),
    ),
  ),
)

describe('CMS files of ours', () => {
  it('verify in every form, and not with other content', async () => {
    const { key, certificate } = await authority()
    for (const form of forms) {
      const der = await makeSignedData(content, sm2CmsSigner(engine, key, [certificate]), form)
      const signed = parseSignedData(der)
      expect(signed.dialect).toBe(form.dialect)
      expect(signed.signers[0]?.attributes?.signingTime).toEqual(form.attributes?.signingTime)
      const context = form.detached ? { verifySm2, content } : { verifySm2 }
      expect(verifySignedData(signed, context)).toMatchObject([{ status: 'right' }])
      if (!form.detached) continue
      const [other] = verifySignedData(signed, { verifySm2, content: Buffer.from('x') })
      expect(other?.status).toBe(form.attributes === undefined ? 'wrong' : 'digest_mismatch')
    }
  })

  it('survive no changed bit of what is signed', async () => {
    const { key, certificate } = await authority()
    const options = { dialect: 'gm', attributes: {} } as const
    const der = await makeSignedData(content, sm2CmsSigner(engine, key, [certificate]), options)
    const at = Buffer.from(der).indexOf(certificate)
    const outcomes = new Set<string>()
    let index = 0
    for (const other of flips(der)) {
      const byte = index++ >> 3
      const inCertificate = byte >= at && byte < at + certificate.length
      const code = coded(() => parseSignedData(other))
      if (code !== undefined || inCertificate) continue
      const verdicts = verifySignedData(parseSignedData(other), { verifySm2 })
      for (const { status } of verdicts) outcomes.add(status === 'right' ? String(byte) : status)
    }
    // What may change: the version number and the list of digest algorithms, which nothing relies on.
    const unprotected = [...outcomes].filter((outcome) => /^\d+$/.test(outcome)).map(Number)
    expect(Math.max(0, ...unprotected)).toBeLessThan(50)
    expect([...outcomes].filter((outcome) => !/^\d+$/.test(outcome)).sort()).toEqual([
      'algorithm_unsupported',
      'certificate_missing',
      'content_type_mismatch',
      'digest_mismatch',
      'wrong',
    ])
  })

  const p256Signer = async (): Promise<CmsSigner> => {
    const { key, privateKeyPem } = generateP256Key()
    const root = await makeRoot({
      subject: writeName({ commonName: 'P-256' }),
      key,
      validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
      random: randomBytes,
    })
    return {
      alg: 'ES256',
      chain: [root.certificate],
      signDer: async (bytes) => sign('sha256', bytes, privateKeyPem),
    }
  }
  const statusOf = async (signer: CmsSigner, attributes?: object) => {
    const der = await makeSignedData(content, signer, { dialect: 'rfc', attributes })
    return verifySignedData(parseSignedData(der), { verifySm2 }).map(({ status }) => status)
  }

  it('verify with P-256, too', async () => {
    expect(await statusOf(await p256Signer(), {})).toEqual(['right'])
  })

  it('fail with one algorithm under the name, key or certificate of the other', async () => {
    const { key, certificate } = await authority()
    const sm2 = sm2CmsSigner(engine, key, [certificate])
    const p256 = await p256Signer()
    for (const attributes of [undefined, {}])
      for (const mixed of [
        { ...sm2, alg: 'ES256' },
        { ...p256, alg: 'SM2-SM3' },
        { ...sm2, chain: p256.chain },
        { ...p256, chain: sm2.chain },
        { ...sm2, signDer: p256.signDer },
        { ...p256, signDer: sm2.signDer },
      ] as const)
        expect(await statusOf(mixed, attributes)).toEqual(['wrong'])
  })

  it('take the certificate from elsewhere, and say when there is none', async () => {
    const { key, certificate } = await authority()
    const der = await makeSignedData(content, sm2CmsSigner(engine, key, [certificate]), {
      dialect: 'rfc',
    })
    const signed = { ...parseSignedData(der), certificates: [] }
    expect(verifySignedData(signed, { verifySm2 })).toMatchObject([
      { status: 'certificate_missing' },
    ])
    const context = { verifySm2, certificates: [certificate] }
    expect(verifySignedData(signed, context)).toMatchObject([{ status: 'right' }])
  })
})

/** The same file with its one signer that many times. */
const withSigners = (der: Uint8Array, count: number): Uint8Array => {
  const [type, wrapped] = derList(readDer(der))
  const [version, algorithms, encapsulated, certificates, signers] =
    wrapped === undefined ? [] : derList(derExplicit(wrapped))
  const [info] = signers === undefined ? [] : derList(signers)
  const parts = [version, algorithms, encapsulated, certificates, info, type]
  const [a, b, c, d, e, t] = parts.map((part) => part?.encoding ?? Buffer.alloc(0))
  if (!a || !b || !c || !d || !e || !t) throw new Error('not such a file')
  const set = derTlv(derTag.set, ...Array.from({ length: count }, () => e))
  return derSequence(t, derContext(0, derSequence(a, b, c, d, set)))
}

describe('malformed CMS', () => {
  it('is refused with more signers than a document has, each of whom costs a path', async () => {
    const { key, certificate } = await authority()
    const options = { dialect: 'rfc', attributes: {} } as const
    const der = await makeSignedData(content, sm2CmsSigner(engine, key, [certificate]), options)
    expect(Buffer.compare(withSigners(der, 1), der)).toBe(0)
    const many = parseSignedData(withSigners(der, 32))
    expect(verifySignedData(many, { verifySm2 }).map(({ status }) => status)).toEqual(
      Array.from({ length: 32 }, () => 'right'),
    )
    expect(coded(() => parseSignedData(withSigners(der, 33)))).toBe('cms_malformed')
  })

  it('is refused when cut, extended or of another type', () => {
    const der = readVector('cms/cms-gbt-attrs.der')
    for (let length = 0; length < der.length; length++)
      expect(coded(() => parseSignedData(der.subarray(0, length)))).toBe('cms_malformed')
    expect(coded(() => parseSignedData(Buffer.concat([der, Buffer.of(0)])))).toBe('cms_malformed')
    const data = Buffer.from('300f06092a864886f70d010701a0020400', 'hex')
    expect(coded(() => parseSignedData(data))).toBe('cms_malformed')
  })
})
