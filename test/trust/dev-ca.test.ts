import { X509Certificate, randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { issueCertificate, makeRoot, makeSubCa, type Validity } from '../../src/trust/dev-ca.ts'
import { generateP256Key, loadP256Key } from '../../src/trust/issuing-key.ts'
import { makeCrl } from '../../src/trust/make-crl.ts'
import { toPem } from '../../src/trust/pem.ts'
import { makeSigningRequest, readSigningRequest } from '../../src/trust/signing-request.ts'
import { writeName } from '../../src/trust/write-name.ts'

const validity: Validity = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2031-01-01T00:00:00Z'),
}
const random = (length: number): Uint8Array => randomBytes(length)

const city = async () => {
  const rootKey = generateP256Key()
  const root = await makeRoot({
    subject: writeName({ countryName: 'CN', commonName: '证桥开发根' }),
    key: rootKey.key,
    validity,
    random,
  })
  const sub = await makeSubCa({
    issuer: root,
    subject: writeName({ countryName: 'CN', commonName: '证桥开发二级' }),
    key: generateP256Key().key,
    validity,
    random,
  })
  const leafKey = generateP256Key()
  const leaf = await issueCertificate({
    issuer: sub,
    profile: 'client',
    subject: writeName({ commonName: 'clerk', organizationIdentifier: '11370200004' }),
    spki: leafKey.key.spki,
    uri: 'urn:zhengqiao:client:1',
    validity,
    random,
  })
  return { rootKey, root, sub, leaf, leafKey }
}

describe('the development CA', () => {
  it('issues chains and CRLs that openssl accepts, and openssl sees the revoked one', async () => {
    const { root, sub, leaf } = await city()
    const dir = mkdtempSync(join(tmpdir(), 'dev-ca-'))
    const times = { thisUpdate: validity.notBefore, nextUpdate: validity.notAfter }
    const save = (name: string, ...objects: readonly string[]): string => {
      writeFileSync(join(dir, name), objects.join(''))
      return join(dir, name)
    }
    const crlPem = async (revoked: boolean): Promise<string> => {
      const serial = Buffer.from(new X509Certificate(leaf).serialNumber, 'hex')
      const entry = { serial, revokedAt: validity.notBefore, reason: 'keyCompromise' } as const
      const crls = [
        await makeCrl({ issuer: root, number: 1, ...times, revoked: [] }),
        await makeCrl({ issuer: sub, number: 1, ...times, revoked: revoked ? [entry] : [] }),
      ]
      return crls.map((crl) => toPem('X509 CRL', crl)).join('')
    }
    const verify = (crls: string): string =>
      execFileSync(
        'openssl',
        ['verify', '-crl_check_all', '-x509_strict', '-attime', '1782000000', '-purpose']
          .concat([
            'sslclient',
            '-CAfile',
            save('root.pem', toPem('CERTIFICATE', root.certificate)),
          ])
          .concat(['-untrusted', save('sub.pem', toPem('CERTIFICATE', sub.certificate))])
          .concat(['-CRLfile', save('crls.pem', crls), save('l.pem', toPem('CERTIFICATE', leaf))]),
        { encoding: 'utf8', stdio: 'pipe' },
      )
    expect(verify(await crlPem(false))).toContain('OK')
    const revoked = await crlPem(true)
    expect(() => verify(revoked)).toThrow('certificate revoked')
  })

  it('writes subject, purpose and URI that node reads back', async () => {
    const { leaf } = await city()
    const seen = new X509Certificate(leaf)
    expect(seen.subjectAltName).toBe('URI:urn:zhengqiao:client:1')
    expect(seen.subject).toContain('organizationIdentifier=11370200004')
    expect(seen.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(seen.ca).toBe(false)
  })

  it('loads the key that it wrote', async () => {
    const { rootKey } = await city()
    expect(Buffer.from(loadP256Key(rootKey.privateKeyPem).spki)).toEqual(
      Buffer.from(rootKey.key.spki),
    )
  })

  it('takes a signing request only with a proof of possession', async () => {
    const { key } = generateP256Key()
    const subject = writeName({ commonName: 'clerk' })
    const der = await makeSigningRequest(subject, key)
    expect(Buffer.from(readSigningRequest(der).spki)).toEqual(Buffer.from(key.spki))
    const stranger = await makeSigningRequest(subject, { ...generateP256Key().key, spki: key.spki })
    expect(() => readSigningRequest(stranger)).toThrow('signature of the request')
  })
})
