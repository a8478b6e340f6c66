import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { X509Certificate, X509ChainBuilder, cryptoProvider } from '@peculiar/x509'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { GmCryptoEngine } from '../../src/crypto/provider/pkijs-engine.ts'
import { derContext, derNull, derSequence } from '../../src/crypto/write-der.ts'
import {
  dnsName,
  extKeyUsageExtension,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { emptyTrustFolder, loadTrust } from '../../src/trust/load-trust.ts'
import { oid } from '../../src/trust/oid.ts'
import { defaultPathPolicy } from '../../src/trust/path-policy.ts'
import { openTrust } from '../../src/trust/validate-path.ts'
import { verifyCertificate } from '../../src/trust/verify-certificate.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { forgeCa, forgeLeaf, judge, now, party, bare } from './forge.ts'

/** What the library at hand says of the same chain: the reason why we judge ourselves. */
const acceptedByPkijs = async (
  leaf: Uint8Array,
  pool: readonly Uint8Array[],
  anchors: readonly Uint8Array[],
): Promise<boolean> => {
  const parse = (der: Uint8Array): pkijs.Certificate =>
    pkijs.Certificate.fromBER(Uint8Array.from(der))
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: anchors.map(parse),
    // The engine takes the last certificate for the one to validate.
    certs: [...pool.map(parse), parse(leaf)],
    checkDate: now,
  })
  return (await engine.verify()).result
}

const [root, sub, deeper, leaf] = [party('root'), party('sub'), party('deeper'), party('leaf')]
const unknown: ExtensionToWrite = { id: '1.3.6.1.4.1.55738.1', critical: true, value: derNull() }
const limits = (value: Uint8Array): ExtensionToWrite => ({
  ...{ id: oid.nameConstraints, critical: true, value },
})

describe('what the libraries let pass', () => {
  beforeAll(() => {
    cryptoProvider.set(webcrypto)
    pkijs.setEngine('test', new pkijs.CryptoEngine({ crypto: webcrypto }))
  })

  it('pkijs does not count path lengths: a CA of path length 0 issues another CA', async () => {
    const anchors = [await forgeCa(root, root)]
    const pool = [await forgeCa(root, sub, { pathLength: 0 }), await forgeCa(sub, deeper)]
    const der = await forgeLeaf(deeper, leaf)
    expect(await acceptedByPkijs(der, pool, anchors)).toBe(true)
    expect((await judge({ leaf: der, pool, anchors })).code).toBe('path_length_exceeded')
  })

  it('pkijs does not read extended key usage', async () => {
    const anchors = [await forgeCa(root, root)]
    const edits = { [oid.extKeyUsage]: extKeyUsageExtension([oid.serverAuth]) }
    const der = await forgeLeaf(root, leaf, { edits })
    expect(await acceptedByPkijs(der, [], anchors)).toBe(true)
    const policy = { ...bare, purposes: [oid.licenceSigning] }
    expect((await judge({ leaf: der, anchors, policy })).code).toBe('purpose_not_allowed')
  })

  it('pkijs accepts an unknown critical extension in the leaf', async () => {
    const anchors = [await forgeCa(root, root)]
    const der = await forgeLeaf(root, leaf, { edits: { [unknown.id]: unknown } })
    expect(await acceptedByPkijs(der, [], anchors)).toBe(true)
    expect((await judge({ leaf: der, anchors })).code).toBe('unknown_critical_extension')
  })

  it('@peculiar/x509 builds a chain over an issuer that is no CA', async () => {
    const anchors = [await forgeCa(root, root)]
    const pool = [await forgeLeaf(root, sub)]
    const der = await forgeLeaf(sub, leaf)
    const certificates = [...pool, ...anchors].map(
      (each) => new X509Certificate(Uint8Array.from(each)),
    )
    const builder = new X509ChainBuilder({ certificates })
    expect(await builder.build(new X509Certificate(Uint8Array.from(der)))).toHaveLength(3)
    expect((await judge({ leaf: der, pool, anchors })).code).toBe('not_ca')
  })

  it('pkijs lets a wildcard slip past an excluded name', async () => {
    const anchors = [await forgeCa(root, root)]
    const nc = limits(derSequence(derContext(1, derSequence(dnsName('bar.example.com')))))
    const pool = [await forgeCa(root, sub, { edits: { [nc.id]: nc } })]
    const der = await forgeLeaf(sub, leaf, { names: [dnsName('*.example.com')] })
    expect(await acceptedByPkijs(der, pool, anchors)).toBe(true)
    expect((await judge({ leaf: der, pool, anchors })).code).toBe('name_excluded')
  })

  it('CAs that sign each other end the search: pkijs would loop', async () => {
    const anchors = [await forgeCa(root, root)]
    const pool = [await forgeCa(sub, deeper), await forgeCa(deeper, sub)]
    const der = await forgeLeaf(deeper, leaf)
    expect((await judge({ leaf: der, pool, anchors })).code).toBe('no_path')
  })

  it('pkijs calls a stranger’s certificate verified when it was not asked to check the chain', async () => {
    const file = new URL('../vectors/gm/cms/cms-rfc-attrs.der', import.meta.url)
    const der = await readFile(fileURLToPath(file))
    const gm = await openGmCrypto({ random: randomBytes })
    const engine = new GmCryptoEngine(gm.webcrypto)
    const info = pkijs.ContentInfo.fromBER(Uint8Array.from(der))
    const signed = new pkijs.SignedData({ schema: info.content })
    const order = { signer: 0, checkChain: false, extendedMode: true } as const
    expect(await signed.verify(order, engine)).toMatchObject({
      ...{ signatureVerified: true, signerCertificateVerified: true },
    })
    const ours = verifyArtefact(der, {
      trust: openVerificationTrust(emptyTrustFolder, {
        certificateVerifier: createSignatureVerifier(gm.verifiers.verifyDer),
      }),
      at: new Date('2026-11-23T12:00:00Z'),
    })
    expect(ours).toMatchObject({
      verdict: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    })
  })

  it.each(['cert-revoked-ocsp-stranger', 'cert-revoked-ocsp-ordinary-leaf'])(
    'an OCSP answer "good" signed by anybody counts for nothing: %s',
    async (name) => {
      const folder = fileURLToPath(new URL(`../vectors/revocation/${name}/`, import.meta.url))
      const { path } = verifyCertificate(await readFile(`${folder}${name}.pem`), {
        trust: openTrust(await loadTrust(`${folder}trust`)),
        at: new Date('2026-11-23T12:00:00Z'),
        policy: defaultPathPolicy,
        verifier: createSignatureVerifier(),
      })
      expect(path.findings).toMatchObject([{ code: 'revocation_unknown', detail: 'ocsp_signer' }])
    },
  )
})
