import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const validity = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
}

const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const keyPem = async ({ privateKey }: Awaited<ReturnType<typeof makeKeys>>): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')

/** A certificate authority of the test, and what it issues to names and addresses. */
export const makeAuthority = async () => {
  const keys = await makeKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=hall test root',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  const issue = async (name: string, dnsName?: string) => {
    const own = await makeKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      subject: `CN=${name}`,
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          dnsName === undefined
            ? { type: 'ip', value: '127.0.0.1' }
            : { type: 'dns', value: dnsName },
        ]),
      ],
    })
    return { cert: certificate.toString('pem'), key: await keyPem(own) }
  }
  return { root: root.toString('pem'), issue }
}
