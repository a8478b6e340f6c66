import type { Algorithms } from './algorithms.ts'
import { CryptoError } from './crypto-error.ts'
import { loadSignerFiles } from './load-signer-folder.ts'
import type { Signer } from './signer.ts'

/**
 * A signer that the gateway itself signs with: as loadSignerFiles, of an algorithm of its profile only.
 * @throws CryptoError key_unsupported for a key of another algorithm; else as loadSignerFiles
 */
export const loadOwnSigner = async (
  { signing, gm }: Algorithms,
  keyFile: string,
  chainFile: string,
): Promise<Signer> => {
  const signer = await loadSignerFiles(gm.sm2, keyFile, chainFile)
  if (!signing.includes(signer.alg))
    throw new CryptoError('key_unsupported', `the profile has no keys of ${signer.alg}`)
  return signer
}
