import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CryptoError } from './crypto-error.ts'
import type { Signer } from './signer.ts'
import type { Sm2Engine } from './sm2/engine.ts'
import { loadSigner } from './sm2/load-signer.ts'

/**
 * A signer from two PEM files: its PKCS #8 key (P-256 or SM2) and its certificates, its own first, without
 * the anchor.
 * @throws CryptoError key_unsupported, key_malformed, key_mismatch; the error of node:fs when a file
 *   cannot be read
 */
export const loadSignerFiles = async (
  sm2: Sm2Engine,
  keyFile: string,
  chainFile: string,
): Promise<Signer> =>
  loadSigner(
    sm2,
    await readFile(keyFile, 'utf8'),
    readCertificates(await readFile(chainFile, 'utf8')),
  )

const readCertificates = (pem: string): readonly Uint8Array[] => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new CryptoError('key_mismatch', 'no certificate')
  return blocks.map((block) => new X509Certificate(block).raw)
}
