import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { DerError } from '../../crypto/read-der.ts'
import { issueCertificate, makeRoot, makeSubCa } from '../../trust/dev-ca.ts'
import { parseCertificate } from '../../trust/parse-certificate.ts'
import { toPem } from '../../trust/pem.ts'
import { createRequestVerifier, readSigningRequest } from '../../trust/signing-request.ts'
import { writeName } from '../../trust/write-name.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import { writePublic } from '../init/write-whole.ts'
import type { Desk } from '../registry/desk.ts'
import type { Given } from '../registry/given.ts'
import type { Shown, Verb } from '../registry/verb.ts'
import {
  type CaFolder,
  isReason,
  openCaFolder,
  readRevoked,
  writeCaFolder,
  writeCrl,
} from './ca-folder.ts'
import { algOf, makeKeyFile, passphraseOf } from './cert-key.ts'
import { bytesOfFile, describeFile } from './describe-file.ts'

const dayMs = 86_400_000
const clockToleranceMs = 300_000

/** `cert ca`: an anchor, or under `--parent` a CA that issues to end entities. */
export const ca: Verb = {
  operands: ['NAME'],
  options: ['out', 'alg', 'org', 'parent', 'days', 'passphrase-file', 'parent-passphrase-file'],
  run: async (given, desk) => {
    const folder = desk.path(given.need('out'))
    if (await exists(join(folder, 'key.pem')))
      throw new CommandFailure(`已有密钥,不覆盖 / there is a key already: ${folder}`)
    const gm = openPlainGmCrypto()
    const parentFolder = given.text('parent')
    const parent =
      parentFolder === undefined
        ? undefined
        : await openCaFolder(desk.path(parentFolder), await parentPassphrase(given, desk), gm)
    const key = await makeKeyFile(
      join(folder, 'key.pem'),
      algOf(given),
      await passphraseOf(given, desk),
      gm,
    )
    const order = {
      subject: nameOf(given),
      key,
      validity: validFor(desk, daysOf(given, 3650)),
      random: desk.io.randomBytes,
    }
    const authority = await (parent === undefined
      ? makeRoot(order)
      : makeSubCa({ ...order, issuer: parent.authority }))
    const chain = parent === undefined ? [] : [authority.certificate, ...parent.chain]
    await writeCaFolder(folder, { authority, chain }, desk.io.now())
    return shownFile(authority.certificate)
  },
}

/** `cert issue --ca DIR --csr FILE`: a certificate for the key of a request, by one's own CA. */
export const issueLocally = async (given: Given, desk: Desk): Promise<Shown> => {
  const gm = openPlainGmCrypto()
  const passphrase = await passphraseOf(given, desk)
  const issuer = await openCaFolder(desk.path(given.need('ca')), passphrase, gm)
  const { subject, spki } = readRequest(
    await bytesOfFile(desk.path(given.need('csr')), 'CERTIFICATE REQUEST'),
    createRequestVerifier(gm.verifiers.verifyDer),
  )
  const certificate = await issueCertificate({
    issuer: issuer.authority,
    profile: profileOf(given),
    subject,
    spki,
    uri: given.need('uri'),
    validity: validFor(desk, daysOf(given, 365)),
    random: desk.io.randomBytes,
  })
  const out = given.text('out')
  if (out !== undefined) await writePublic(desk.path(out), chainText(certificate, issuer))
  return shownFile(certificate, out === undefined ? chainText(certificate, issuer) : undefined)
}

/** `cert crl`: revokes, if told to, and signs the next CRL. */
export const crl: Verb = {
  operands: [],
  options: ['ca', 'out', 'days', 'reason', 'passphrase-file'],
  lists: ['revoke'],
  run: async (given, desk) => {
    const folder = desk.path(given.need('ca'))
    const gm = openPlainGmCrypto()
    const { authority } = await openCaFolder(folder, await passphraseOf(given, desk), gm)
    const reason = given.text('reason')
    if (reason !== undefined && !isReason(reason)) throw new UsageError('--reason')
    const before = await readRevoked(folder)
    const at = desk.io.now().toISOString()
    const known = new Set(before.revoked.map(({ serial }) => serial))
    const serials = await Promise.all(given.list('revoke').map((each) => serialOf(each, desk)))
    const added = serials
      .filter((serial) => !known.has(serial))
      .map((serial) => ({ serial, at, ...(reason === undefined ? {} : { reason }) }))
    const list = { ...before, revoked: [...before.revoked, ...added] }
    const order = { list, now: desk.io.now(), days: daysOf(given, 30) }
    const der = await writeCrl(folder, authority, order)
    const out = given.text('out')
    if (out !== undefined) await writePublic(desk.path(out), toPem('X509 CRL', der))
    return shownFile(der)
  },
}

/** `cert show FILE`: what a certificate, request or CRL says; undefined when there is no such file. */
export const showLocally = async (path: string): Promise<Shown | undefined> => {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  return isFile ? describeFile(await readFile(path)) : undefined
}

const shownFile = (der: Uint8Array, text?: string): Shown => {
  const shown = describeFile(der)
  return text === undefined ? shown : { ...shown, lines: [text.trimEnd()] }
}

const chainText = (certificate: Uint8Array, { chain }: CaFolder): string =>
  [certificate, ...chain].map((der) => toPem('CERTIFICATE', der)).join('')

const parentPassphrase = (given: Given, desk: Desk): Promise<string | undefined> =>
  passphraseOf({ ...given, text: () => given.text('parent-passphrase-file') }, desk)

const nameOf = (given: Given): Uint8Array => {
  const [commonName = ''] = given.operands
  const organizationName = given.text('org')
  return writeName({
    countryName: 'CN',
    ...(organizationName === undefined ? {} : { organizationName }),
    commonName,
  })
}

const readRequest = (der: Uint8Array, verifies: Parameters<typeof readSigningRequest>[1]) => {
  try {
    return readSigningRequest(der, verifies)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new CommandFailure(
      '证书申请不正确,或其签名不符 / the request is malformed or not signed',
      {
        cause,
      },
    )
  }
}

const purposes = {
  client: 'client',
  licence: 'licenceSigning',
  attestation: 'ledgerAttestation',
} as const

const profileOf = ({ text }: Given): (typeof purposes)[keyof typeof purposes] => {
  const wanted = text('purpose') ?? 'client'
  for (const [name, profile] of Object.entries(purposes)) if (name === wanted) return profile
  throw new UsageError(`--purpose ${Object.keys(purposes).join(' | ')}`)
}

const daysOf = ({ text }: Given, otherwise: number): number => {
  const days = text('days') ?? String(otherwise)
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError('--days')
  return Number(days)
}

const validFor = ({ io }: Desk, days: number): Parameters<typeof makeRoot>[0]['validity'] => {
  const nowMs = Math.floor(io.now().getTime() / 1000) * 1000
  return {
    notBefore: new Date(nowMs - clockToleranceMs),
    notAfter: new Date(nowMs + days * dayMs),
  }
}

/** A serial number in hexadecimal, or the file of the certificate. */
const serialOf = async (given: string, desk: Desk): Promise<string> => {
  if (/^[0-9a-fA-F]{2,40}$/.test(given))
    return given.toLowerCase().padStart(given.length + (given.length % 2), '0')
  const der = await bytesOfFile(desk.path(given), 'CERTIFICATE')
  return Buffer.from(parse(der).serial).toString('hex')
}

const parse = (der: Uint8Array): ReturnType<typeof parseCertificate> => {
  try {
    return parseCertificate(der)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw new CommandFailure('不是证书 / not a certificate', { cause })
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
