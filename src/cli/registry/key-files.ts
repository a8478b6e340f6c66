import { copyFile, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import type { SigningAlgorithm } from '../../crypto/signer.ts'
import { isSm2KeyFile } from '../../crypto/sm2/load-signer.ts'
import type { IssuingKey } from '../../trust/issuing-key.ts'
import { toPem } from '../../trust/pem.ts'
import { makeSigningRequest } from '../../trust/signing-request.ts'
import { loadIssuingKey } from '../../trust/sm2-issuing-key.ts'
import { writeName } from '../../trust/write-name.ts'
import { CommandFailure } from '../command-error.ts'
import { makeKeyFile } from '../cert/cert-key.ts'
import { writePublic } from '../init/write-whole.ts'

/**
 * Makes a key (mode 0600) and its PKCS #10 request in a folder; the key goes nowhere else.
 * @throws CommandFailure when the folder has a key already
 */
export const makeKeyAndRequest = async (
  folder: string,
  clientId: string,
  { alg, passphrase }: { readonly alg: SigningAlgorithm; readonly passphrase: string | undefined },
): Promise<string> => {
  const keyFile = join(folder, 'key.pem')
  if (await exists(keyFile))
    throw new CommandFailure(`已有密钥,不覆盖 / there is a key already: ${keyFile}`)
  const csr = await requestOf(await makeKeyFile(keyFile, alg, passphrase), clientId)
  await writePublic(join(folder, 'request.pem'), csr)
  return csr
}

/** The request for the next key of a folder, of the present one's kind; an interrupted renewal goes on with the key it made. */
export const requestNextKey = async (folder: string, clientId: string): Promise<string> => {
  const keyFile = join(folder, 'key.next.pem')
  const present = await readFile(join(folder, 'key.pem'), 'utf8')
  const gm = openPlainGmCrypto()
  if (!(await exists(keyFile)))
    await makeKeyFile(keyFile, isSm2KeyFile(present) ? 'SM2-SM3' : 'ES256', undefined, gm)
  return requestOf(loadIssuingKey(gm.sm2, await readFile(keyFile, 'utf8')), clientId)
}

/** Puts the next key and its certificate in the place of the present ones, which are kept beside. */
export const turnToNextKey = async (folder: string, chainPem: string): Promise<void> => {
  for (const name of ['key', 'cert'])
    await copyFile(join(folder, `${name}.pem`), join(folder, `${name}.previous.pem`))
  await writePublic(join(folder, 'cert.next.pem'), chainPem)
  await finishRenewal(folder)
}

/** A certificate for the next key that lies there belongs in its place, wherever the turn stopped. */
export const finishRenewal = async (folder: string): Promise<void> => {
  if (!(await exists(join(folder, 'cert.next.pem')))) return
  for (const name of ['key', 'cert']) {
    const next = join(folder, `${name}.next.pem`)
    if (await exists(next)) await rename(next, join(folder, `${name}.pem`))
  }
}

const requestOf = async (key: IssuingKey, clientId: string): Promise<string> =>
  toPem('CERTIFICATE REQUEST', await makeSigningRequest(writeName({ commonName: clientId }), key))

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
