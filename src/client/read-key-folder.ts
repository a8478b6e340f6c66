import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadRequestKey } from './request-key.ts'
import type { RequestKey } from './sign-request.ts'

/**
 * Reads a client's key from its folder: `key.pem` (PKCS #8, readable by its owner only) and `cert.pem`.
 * @throws the error of node:fs, or CryptoError when key and certificate do not fit together
 */
export const readKeyFolder = async (folder: string): Promise<RequestKey> =>
  loadRequestKey(
    await readFile(join(folder, 'key.pem'), 'utf8'),
    await readFile(join(folder, 'cert.pem'), 'utf8'),
  )
