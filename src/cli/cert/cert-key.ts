import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GmCrypto, openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import type { SigningAlgorithm } from '../../crypto/signer.ts'
import { decryptPkcs8, encryptPkcs8 } from '../../crypto/sm2/encrypted-pkcs8.ts'
import type { Sm2Engine } from '../../crypto/sm2/engine.ts'
import { isSm2KeyFile } from '../../crypto/sm2/load-signer.ts'
import { readPem, writePem } from '../../crypto/sm2/pem.ts'
import { generateKeyFor } from '../../trust/generate-key.ts'
import type { IssuingKey } from '../../trust/issuing-key.ts'
import { loadIssuingKey } from '../../trust/sm2-issuing-key.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import { writeSecret } from '../init/write-whole.ts'
import type { Given } from '../registry/given.ts'

/** `--alg sm2|p256`; p256 unless given. @throws UsageError */
export const algOf = ({ text }: Given): SigningAlgorithm => {
  const alg = text('alg') ?? 'p256'
  if (alg === 'sm2') return 'SM2-SM3'
  if (alg === 'p256') return 'ES256'
  throw new UsageError('--alg sm2 | p256')
}

/**
 * The passphrase of `--passphrase-file FILE`, its first line; undefined without one. It never comes in the
 * command line, which everybody on the machine can read.
 */
export const passphraseOf = async (
  given: Given,
  { path }: { readonly path: (given: string) => string },
): Promise<string | undefined> => {
  const file = given.text('passphrase-file')
  if (file === undefined) return undefined
  const content = await readFile(path(file), 'utf8').catch(() => {
    throw new CommandFailure(`读不了口令文件 / cannot read: ${file}`)
  })
  const [passphrase = ''] = content.split(/\r?\n/)
  if (passphrase === '') throw new CommandFailure(`口令为空 / the passphrase is empty: ${file}`)
  return passphrase
}

/** Makes a key and writes it, mode 0600, encrypted (PBES2) where there is a passphrase. */
export const makeKeyFile = async (
  file: string,
  alg: SigningAlgorithm,
  passphrase: string | undefined,
  { sm2 }: GmCrypto = openPlainGmCrypto(),
): Promise<IssuingKey> => {
  const { key, privateKeyPem } = generateKeyFor(alg, sm2)
  const pem = passphrase === undefined ? privateKeyPem : encrypt(privateKeyPem, passphrase, sm2)
  await writeSecret(file, pem)
  return key
}

/** Reads such a key. @throws CommandFailure for a wrong or missing passphrase */
export const readKeyFile = async (
  folder: string,
  passphrase: string | undefined,
  { sm2 }: GmCrypto,
): Promise<IssuingKey> => {
  const file = join(folder, 'key.pem')
  const pem = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailure(`读不了密钥 / cannot read: ${file}`)
  })
  if (!isEncrypted(pem)) return loadIssuingKey(sm2, pem)
  if (passphrase === undefined)
    throw new CommandFailure(`密钥有口令 / the key is encrypted: --passphrase-file FILE (${file})`)
  try {
    return decrypt(pem, passphrase, sm2)
  } catch (cause) {
    throw new CommandFailure(`口令不对 / wrong passphrase: ${file}`, { cause })
  }
}

const isEncrypted = (pem: string): boolean => pem.includes('BEGIN ENCRYPTED PRIVATE KEY')

const encrypt = (pem: string, passphrase: string, sm2: Sm2Engine): string => {
  const wrapping = isSm2KeyFile(pem) ? 'gm' : 'aes'
  const encrypted = encryptPkcs8(readPem(pem).der, passphrase, { random: sm2.random, wrapping })
  return writePem('ENCRYPTED PRIVATE KEY', encrypted)
}

/** PBES2 of either kind; what is inside says whose key it is. */
const decrypt = (pem: string, passphrase: string, sm2: Sm2Engine): IssuingKey => {
  const plain = decryptPkcs8(readPem(pem).der, passphrase)
  return loadIssuingKey(sm2, writePem('PRIVATE KEY', plain))
}
