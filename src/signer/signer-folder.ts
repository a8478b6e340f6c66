import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openGmCrypto } from '../crypto/provider/gm-crypto.ts'
import type { Signer } from '../crypto/signer.ts'
import { loadSigner } from '../crypto/sm2/load-signer.ts'
import type { VerifyContext } from '../crypto/verify-signature.ts'
import { toPem } from '../trust/pem.ts'

/**
 * A department's own folder: `key.pem` (0600; P-256 or SM2), `chain.pem` (leaf first, without the anchor),
 * `stewards/*.pem` (whose orders count), `signed.ndjson` (what was signed), `spool/` (rows under check).
 */
export type SignerFolder = {
  readonly dir: string
  readonly signer: Signer
  /** The department, as its certificate names it: the only `iss` that is signed. */
  readonly issuer: string
  readonly notAfter: Date
  /** DER of the stewards' certificates. */
  readonly stewards: readonly Uint8Array[]
  /** Algorithms under which stewards sign beside ES256. */
  readonly signatures: VerifyContext
}

/** Sets a folder up. Key and chain are PEM; stewards are DER by name. */
export const initSignerFolder = async (
  dir: string,
  content: {
    readonly keyPem: string
    readonly chainPem: string
    readonly stewards: readonly { readonly name: string; readonly der: Uint8Array }[]
  },
): Promise<void> => {
  await mkdir(join(dir, 'stewards'), { recursive: true, mode: 0o700 })
  await writeFile(join(dir, 'key.pem'), content.keyPem, { mode: 0o600, flush: true })
  await writeFile(join(dir, 'chain.pem'), content.chainPem, { flush: true })
  for (const { name, der } of content.stewards) {
    const path = join(dir, 'stewards', `${name}.pem`)
    await writeFile(path, toPem('CERTIFICATE', der), { flush: true })
  }
}

/**
 * Reads a folder; what an earlier process left in the spool is thrown away.
 * @throws CryptoError for an unfit key, RangeError when certificates are missing
 */
export const openSignerFolder = async (dir: string): Promise<SignerFolder> => {
  const chain = readCertificates(await readFile(join(dir, 'chain.pem'), 'utf8'))
  const { sm2, signatures } = await openGmCrypto({ random: randomBytes })
  const signer = loadSigner(sm2, await readFile(join(dir, 'key.pem'), 'utf8'), chain)
  const [leaf] = chain
  if (leaf === undefined) throw new RangeError('chain.pem holds no certificate')
  const certificate = new X509Certificate(leaf)
  await rm(join(dir, 'spool'), { recursive: true, force: true })
  await mkdir(join(dir, 'spool'), { mode: 0o700 })
  return {
    dir,
    signer,
    issuer: issuerOf(certificate),
    notAfter: new Date(certificate.validTo),
    stewards: await readStewards(join(dir, 'stewards')),
    signatures,
  }
}

const readStewards = async (dir: string): Promise<readonly Uint8Array[]> => {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.pem')).sort()
  const files = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))
  return files.flatMap(readCertificates)
}

const readCertificates = (pem: string): readonly Uint8Array[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one).raw,
  )

const issuerOf = ({ subjectAltName = '' }: X509Certificate): string => {
  const [, uri] = /^URI:(https?:\/\/\S+\/issuers\/[0-9A-Z]{18})$/.exec(subjectAltName) ?? []
  if (uri === undefined) throw new RangeError('the certificate names no issuing department')
  return uri
}
