import { copyFile, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { generateP256Key, loadP256Key } from '../../trust/issuing-key.ts'
import { toPem } from '../../trust/pem.ts'
import { makeSigningRequest } from '../../trust/signing-request.ts'
import { writeName } from '../../trust/write-name.ts'
import { CommandFailure } from '../command-error.ts'
import { writePublic, writeSecret } from '../init/write-whole.ts'

/**
 * Makes a key (mode 0600) and its PKCS #10 request in a folder; the key goes nowhere else.
 * @throws CommandFailure when the folder has a key already
 */
export const makeKeyAndRequest = async (folder: string, clientId: string): Promise<string> => {
  const keyFile = join(folder, 'key.pem')
  if (await exists(keyFile))
    throw new CommandFailure(`已有密钥,不覆盖 / there is a key already: ${keyFile}`)
  const { key, privateKeyPem } = generateP256Key()
  const csr = await requestOf(key, clientId)
  await writeSecret(keyFile, privateKeyPem)
  await writePublic(join(folder, 'request.pem'), csr)
  return csr
}

/** The request for the next key of a folder; an interrupted renewal goes on with the key it made. */
export const requestNextKey = async (folder: string, clientId: string): Promise<string> => {
  const keyFile = join(folder, 'key.next.pem')
  if (!(await exists(keyFile))) await writeSecret(keyFile, generateP256Key().privateKeyPem)
  return requestOf(loadP256Key(await readFile(keyFile, 'utf8')), clientId)
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

const requestOf = async (key: ReturnType<typeof loadP256Key>, clientId: string): Promise<string> =>
  toPem('CERTIFICATE REQUEST', await makeSigningRequest(writeName({ commonName: clientId }), key))

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
