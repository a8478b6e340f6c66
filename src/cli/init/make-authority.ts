import { join } from 'node:path'
import type { RandomBytes } from '../../contract/uuid.ts'
import {
  type Authority,
  issueCertificate,
  type LeafProfile,
  makeRoot,
  makeSubCa,
} from '../../trust/dev-ca.ts'
import { generateP256Key } from '../../trust/issuing-key.ts'
import { makeCrl } from '../../trust/make-crl.ts'
import { toPem } from '../../trust/pem.ts'
import { type NameFields, writeName } from '../../trust/write-name.ts'
import type { DataFolder } from '../../config.ts'
import { writePublic, writeSecret } from './write-whole.ts'

/** The development CA of a data folder: anchor, one issuing CA, and what it needs to issue. */
export type DevelopmentAuthority = {
  readonly issuing: Authority
  readonly issue: (order: LeafOrder) => Promise<IssuedLeaf>
}

export type LeafOrder = {
  readonly profile: LeafProfile
  readonly subject: NameFields
  readonly uri: string
  readonly policies?: readonly string[]
}

export type IssuedLeaf = {
  readonly privateKeyPem: string
  readonly certificate: Uint8Array
  /** PEM of the leaf and the issuing CA, without the anchor. */
  readonly chainPem: string
  readonly chain: readonly Uint8Array[]
  readonly notBefore: Date
  readonly notAfter: Date
}

const dayMs = 86_400_000
const authorityValidForDays = 3650
const leafValidForDays = 730
const crlValidForDays = 365

/** Makes anchor, issuing CA and the full CRL of each, and writes them to the data folder. */
export const makeAuthority = async (
  folder: DataFolder,
  now: Date,
  random: RandomBytes,
): Promise<DevelopmentAuthority> => {
  const validity = validFor(now, authorityValidForDays)
  const rootKey = generateP256Key()
  const subKey = generateP256Key()
  const root = await makeRoot({
    subject: writeName({
      countryName: 'CN',
      organizationName: 'Zhengqiao development',
      commonName: 'Zhengqiao development root',
    }),
    key: rootKey.key,
    validity,
    random,
  })
  const issuing = await makeSubCa({
    issuer: root,
    subject: writeName({
      countryName: 'CN',
      organizationName: 'Zhengqiao development',
      commonName: 'Zhengqiao development issuing CA',
    }),
    key: subKey.key,
    validity,
    random,
  })
  await writeSecret(join(folder.authority, 'root.key.pem'), rootKey.privateKeyPem)
  await writeSecret(join(folder.authority, 'issuing.key.pem'), subKey.privateKeyPem)
  await writeTrust(folder, { root, issuing }, now)
  return { issuing, issue: (order) => issueLeaf(issuing, order, { now, random }) }
}

const writeTrust = async (
  folder: DataFolder,
  { root, issuing }: { readonly root: Authority; readonly issuing: Authority },
  now: Date,
): Promise<void> => {
  const nextUpdate = new Date(now.getTime() + crlValidForDays * dayMs)
  for (const [name, issuer] of [
    ['root', root],
    ['issuing', issuing],
  ] as const) {
    const crl = await makeCrl({ issuer, number: 1, thisUpdate: now, nextUpdate, revoked: [] })
    await writePublic(join(folder.trust, `${name}.pem`), toPem('CERTIFICATE', issuer.certificate))
    await writePublic(join(folder.trust, `${name}.crl`), crl)
  }
}

const issueLeaf = async (
  issuing: Authority,
  { profile, subject, uri, policies = [] }: LeafOrder,
  { now, random }: { readonly now: Date; readonly random: RandomBytes },
): Promise<IssuedLeaf> => {
  const validity = validFor(now, leafValidForDays)
  const { key, privateKeyPem } = generateP256Key()
  const certificate = await issueCertificate({
    issuer: issuing,
    profile,
    subject: writeName({ countryName: 'CN', ...subject }),
    spki: key.spki,
    uri,
    validity,
    random,
    ...(policies.length === 0 ? {} : { policies }),
  })
  const chain = [certificate, issuing.certificate]
  return {
    privateKeyPem,
    certificate,
    chain,
    chainPem: chain.map((der) => toPem('CERTIFICATE', der)).join(''),
    ...validity,
  }
}

/** Backdated by five minutes, for machines whose clocks differ a little. */
const validFor = (now: Date, days: number) => ({
  notBefore: new Date(Math.floor(now.getTime() / 1000) * 1000 - 300_000),
  notAfter: new Date(Math.floor(now.getTime() / 1000) * 1000 + days * dayMs),
})
