import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CryptoError } from './crypto-error.ts'
import { loadFileSigner, type Signer } from './signer.ts'

/**
 * A signer from two PEM files: its PKCS #8 key and its certificates, its own first, without the anchor.
 * @throws CryptoError key_unsupported, key_mismatch; the error of node:fs when a file cannot be read
 */
export const loadSignerFiles = async (keyFile: string, chainFile: string): Promise<Signer> =>
  loadFileSigner(
    await readFile(keyFile, 'utf8'),
    readCertificates(await readFile(chainFile, 'utf8')),
  )

const readCertificates = (pem: string): readonly Uint8Array[] => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new CryptoError('key_mismatch', 'no certificate')
  return blocks.map((block) => new X509Certificate(block).raw)
}
