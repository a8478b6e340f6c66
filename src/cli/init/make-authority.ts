import { join } from 'node:path'
import type { RandomBytes } from '../../contract/uuid.ts'
import type { SigningAlgorithm } from '../../crypto/signer.ts'
import type { Sm2Engine } from '../../crypto/sm2/engine.ts'
import {
  type Authority,
  issueCertificate,
  type LeafProfile,
  makeRoot,
  makeSubCa,
} from '../../trust/dev-ca.ts'
import { generateKeyFor } from '../../trust/generate-key.ts'
import { makeCrl } from '../../trust/make-crl.ts'
import { toPem } from '../../trust/pem.ts'
import { type NameFields, writeName } from '../../trust/write-name.ts'
import type { DataFolder } from '../../config.ts'
import { writePublic, writeSecret } from './write-whole.ts'

/** The development CA of a data folder: for each algorithm an anchor and one issuing CA. */
export type DevelopmentAuthority = {
  readonly issue: (order: LeafOrder) => Promise<IssuedLeaf>
}

export type LeafOrder = {
  readonly alg: SigningAlgorithm
  readonly profile: LeafProfile
  readonly subject: NameFields
  readonly uri: string
  readonly policies?: readonly string[]
}

export type IssuedLeaf = {
  readonly alg: SigningAlgorithm
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

type Making = {
  readonly now: Date
  readonly random: RandomBytes
  readonly sm2: Sm2Engine
}

/**
 * Makes anchor, issuing CA and the full CRL of each, one pair for every algorithm that keys may have, and
 * writes them to the data folder.
 */
export const makeAuthority = async (
  folder: DataFolder,
  algorithms: readonly SigningAlgorithm[],
  making: Making,
): Promise<DevelopmentAuthority> => {
  const made = new Map<SigningAlgorithm, Authority>()
  for (const alg of algorithms) made.set(alg, await makeIssuing(folder, alg, making))
  return {
    issue: (order) => {
      const issuing = made.get(order.alg)
      if (issuing === undefined) throw new RangeError(`no authority for ${order.alg}`)
      return issueLeaf(issuing, order, making)
    },
  }
}

/** Names of the files of one pair: `root` and `issuing`, those of SM2 behind `sm2-`. */
export const authorityFile = (alg: SigningAlgorithm, name: 'root' | 'issuing'): string =>
  alg === 'SM2-SM3' ? `sm2-${name}` : name

const makeIssuing = async (
  folder: DataFolder,
  alg: SigningAlgorithm,
  { now, random, sm2 }: Making,
): Promise<Authority> => {
  const validity = validFor(now, authorityValidForDays)
  const rootKey = generateKeyFor(alg, sm2)
  const subKey = generateKeyFor(alg, sm2)
  const root = await makeRoot({
    subject: nameOf(alg, 'root'),
    key: rootKey.key,
    validity,
    random,
  })
  const issuing = await makeSubCa({
    issuer: root,
    subject: nameOf(alg, 'issuing CA'),
    key: subKey.key,
    validity,
    random,
  })
  const keyFile = (name: 'root' | 'issuing'): string =>
    join(folder.authority, `${authorityFile(alg, name)}.key.pem`)
  await writeSecret(keyFile('root'), rootKey.privateKeyPem)
  await writeSecret(keyFile('issuing'), subKey.privateKeyPem)
  await writeTrust(folder, alg, { root, issuing }, now)
  return issuing
}

const nameOf = (alg: SigningAlgorithm, what: string): Uint8Array =>
  writeName({
    countryName: 'CN',
    organizationName: 'Zhengqiao development',
    commonName: `Zhengqiao development ${alg === 'SM2-SM3' ? 'SM2 ' : ''}${what}`,
  })

const writeTrust = async (
  folder: DataFolder,
  alg: SigningAlgorithm,
  { root, issuing }: { readonly root: Authority; readonly issuing: Authority },
  now: Date,
): Promise<void> => {
  const nextUpdate = new Date(now.getTime() + crlValidForDays * dayMs)
  for (const [name, issuer] of [
    ['root', root],
    ['issuing', issuing],
  ] as const) {
    const file = join(folder.trust, authorityFile(alg, name))
    const crl = await makeCrl({ issuer, number: 1, thisUpdate: now, nextUpdate, revoked: [] })
    await writePublic(`${file}.pem`, toPem('CERTIFICATE', issuer.certificate))
    await writePublic(`${file}.crl`, crl)
  }
}

const issueLeaf = async (
  issuing: Authority,
  { alg, profile, subject, uri, policies = [] }: LeafOrder,
  { now, random, sm2 }: Making,
): Promise<IssuedLeaf> => {
  const validity = validFor(now, leafValidForDays)
  const { key, privateKeyPem } = generateKeyFor(alg, sm2)
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
    alg,
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
