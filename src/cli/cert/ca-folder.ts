import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { GmCrypto } from '../../crypto/provider/gm-crypto.ts'
import type { Authority } from '../../trust/dev-ca.ts'
import { crlReason, type CrlReasonName, makeCrl } from '../../trust/make-crl.ts'
import { parseCertificate } from '../../trust/parse-certificate.ts'
import { toPem } from '../../trust/pem.ts'
import { readPem } from '../../trust/read-pem.ts'
import { CommandFailure } from '../command-error.ts'
import { writePublic } from '../init/write-whole.ts'
import { readKeyFile } from './cert-key.ts'

/**
 * A CA in a folder: `key.pem` (0600), `cert.pem`, `chain.pem` (its own certificate and those above, without
 * the anchor; empty for an anchor), `crl.pem`, `revoked.json` (what the CRL says, and its number).
 */
export type CaFolder = {
  readonly authority: Authority
  /** DER, as in chain.pem. */
  readonly chain: readonly Uint8Array[]
}

const revokedFile = z.strictObject({
  number: z.int().min(0),
  revoked: z.array(
    z.strictObject({
      /** Hexadecimal. */
      serial: z.string().regex(/^[0-9a-f]{2,40}$/),
      at: z.iso.datetime(),
      reason: z.enum(Object.keys(crlReason)).optional(),
    }),
  ),
})
export type RevokedList = z.output<typeof revokedFile>

/** @throws CommandFailure for a folder that is none, or a key that does not open */
export const openCaFolder = async (
  folder: string,
  passphrase: string | undefined,
  gm: GmCrypto,
): Promise<CaFolder> => {
  const [own, ...rest] = await certificatesIn(join(folder, 'cert.pem'))
  if (own === undefined || rest.length > 0)
    throw new CommandFailure(`不是证书机构目录 / not the folder of a CA: ${folder}`)
  const { subject, publicKey } = parseCertificate(own)
  const key = await readKeyFile(folder, passphrase, gm)
  if (Buffer.compare(key.spki, publicKey.encoding) !== 0)
    throw new CommandFailure(`密钥与证书不符 / key and certificate differ: ${folder}`)
  const chain = await certificatesIn(join(folder, 'chain.pem'))
  return { authority: { name: subject.encoding, key, certificate: own }, chain }
}

/** Writes certificate, chain and a first, empty CRL beside the key. */
export const writeCaFolder = async (
  folder: string,
  { authority, chain }: CaFolder,
  now: Date,
): Promise<void> => {
  const pemOf = (der: Uint8Array): string => toPem('CERTIFICATE', der)
  await writePublic(join(folder, 'cert.pem'), pemOf(authority.certificate))
  await writePublic(join(folder, 'chain.pem'), chain.map(pemOf).join(''))
  await writeCrl(folder, authority, { list: { number: 0, revoked: [] }, now, days: 30 })
}

/** Signs the list under the next number and writes it; the list first, so that no number comes twice. */
export const writeCrl = async (
  folder: string,
  issuer: Authority,
  order: { readonly list: RevokedList; readonly now: Date; readonly days: number },
): Promise<Uint8Array> => {
  const { list, now, days } = order
  const number = list.number + 1
  const thisUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000)
  const crl = await makeCrl({
    issuer,
    number,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + days * 86_400_000),
    revoked: list.revoked.map(({ serial, at, reason }) => ({
      serial: Buffer.from(serial, 'hex'),
      revokedAt: new Date(at),
      ...(isReason(reason) ? { reason } : {}),
    })),
  })
  const text = `${JSON.stringify({ ...list, number }, null, 2)}\n`
  await writePublic(join(folder, 'revoked.json'), text)
  await writePublic(join(folder, 'crl.pem'), toPem('X509 CRL', crl))
  return crl
}

/** @throws CommandFailure */
export const readRevoked = async (folder: string): Promise<RevokedList> => {
  const file = join(folder, 'revoked.json')
  try {
    return revokedFile.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new CommandFailure(`读不了吊销清单 / cannot read: ${file}`, { cause })
  }
}

export const isReason = (name: string | undefined): name is CrlReasonName =>
  name !== undefined && Object.hasOwn(crlReason, name)

const certificatesIn = async (file: string): Promise<readonly Uint8Array[]> => {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailure(`读不了证书 / cannot read: ${file}`)
  })
  return readPem(text).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [der] : []))
}
