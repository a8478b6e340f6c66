import { toPem } from '../../src/trust/pem.ts'
import {
  basicConstraintsExtension,
  dnsName,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { generateP256Key, type IssuingKey } from '../../src/trust/issuing-key.ts'
import { makeCrl, type RevokedToWrite } from '../../src/trust/make-crl.ts'
import { oid } from '../../src/trust/oid.ts'
import type { PathPolicy } from '../../src/trust/path-policy.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { derContext, derOid, derSequence } from '../../src/crypto/write-der.ts'
import {
  aki,
  date,
  ecKey,
  ed25519Key,
  forge,
  rsaKey,
  ski,
  type Forgery,
  type Party,
} from '../trust/forge.ts'

type Random = (below: number) => number

/** One certificate before it is signed; a fault changes one of these. */
export type CertificateSpec = {
  issuer: Party
  subject: Party
  extensions: ExtensionToWrite[]
  overrides: Partial<Forgery>
  finish: (der: Uint8Array) => Uint8Array
}

export type CrlSpec = {
  issuer: Party
  number: number
  thisUpdate: Date
  nextUpdate: Date
  revoked: RevokedToWrite[]
  extensions: ExtensionToWrite[]
  finish: (der: Uint8Array) => Uint8Array
}

/** A chain: certificates from the root down to the leaf, one CRL for each CA, what is asked of it. */
export type ChainSpec = {
  certificates: CertificateSpec[]
  crls: CrlSpec[]
  policy: Partial<PathPolicy>
  opensslOptions: string[]
}

export type MadeChain = {
  readonly anchors: readonly Uint8Array[]
  readonly pool: readonly Uint8Array[]
  readonly leaf: Uint8Array
  readonly crls: readonly Uint8Array[]
}

const testPolicy = '1.3.6.1.4.1.55738.10'
const keys: readonly IssuingKey[] = [
  ...Array.from({ length: 8 }, () => generateP256Key().key),
  ecKey('P-384', 'sha384', '1.2.840.10045.4.3.3'),
  ecKey('P-521', 'sha512', '1.2.840.10045.4.3.4'),
  rsaKey(2048, 'sha256', '1.2.840.113549.1.1.11'),
  rsaKey(3072, 'sha384', '1.2.840.113549.1.1.12'),
  ed25519Key(),
]

export const identity = <T>(value: T): T => value
let made = 0

const newParty = (label: string, keyIndex: number): Party => ({
  name: writeName({ countryName: 'CN', commonName: `${label} ${String(++made)}` }),
  key: keys[keyIndex % keys.length] ?? generateP256Key().key,
})

/** A good chain of one to four CAs with random features. */
export const goodChain = (random: Random): ChainSpec => {
  const cas = 1 + random(4)
  const first = random(keys.length)
  const parties = Array.from({ length: cas }, (_, i) => newParty('ca', first + i))
  const leaf = newParty('leaf', first + cas)
  const hasPolicies = random(3) === 0
  const features = { hasPolicies, isNarrow: random(3) === 0, limitsPurpose: random(4) === 0 }
  const certificates = [...parties, leaf].map((subject, i): CertificateSpec => {
    const issuer = parties[Math.max(0, i - 1)] ?? subject
    const isLeaf = i === cas
    const extensions = isLeaf
      ? leafParts(subject, issuer)
      : caParts(subject, issuer, random(2) === 0 ? cas - i + random(2) : undefined)
    if (hasPolicies) extensions.push(policies([testPolicy]))
    if (i === 1 && !isLeaf) addLimits(extensions, features)
    return { issuer, subject, extensions, overrides: {}, finish: identity }
  })
  return {
    certificates,
    crls: parties.map((issuer) => crlSpec(issuer)),
    policy: hasPolicies ? { explicitPolicy: true, initialPolicies: [testPolicy] } : {},
    opensslOptions: hasPolicies ? ['-policy', testPolicy, '-explicit_policy'] : [],
  }
}

export const crlSpec = (issuer: Party): CrlSpec => ({
  issuer,
  number: 7,
  thisUpdate: date('2026-05-25T00:00:00Z'),
  nextUpdate: date('2026-06-25T00:00:00Z'),
  revoked: [{ serial: Uint8Array.of(0x7f, 1), revokedAt: date('2026-01-01T00:00:00Z') }],
  extensions: [],
  finish: identity,
})

export const policies = (ids: readonly string[]): ExtensionToWrite => ({
  id: oid.certificatePolicies,
  critical: false,
  value: derSequence(...ids.map((id) => derSequence(derOid(id)))),
})

export const nameLimits = (
  permitted: readonly string[],
  excluded: readonly string[],
): ExtensionToWrite => {
  const trees = (names: readonly string[]) => names.map((name) => derSequence(dnsName(name)))
  const value = derSequence(
    ...(permitted.length > 0 ? [derContext(0, ...trees(permitted))] : []),
    ...(excluded.length > 0 ? [derContext(1, ...trees(excluded))] : []),
  )
  return { id: oid.nameConstraints, critical: true, value }
}

const caParts = (subject: Party, issuer: Party, pathLength?: number): ExtensionToWrite[] => [
  basicConstraintsExtension(pathLength),
  keyUsageExtension(['keyCertSign', 'cRLSign']),
  ski(subject),
  aki(issuer),
]

const leafParts = (subject: Party, issuer: Party): ExtensionToWrite[] => [
  keyUsageExtension(['digitalSignature']),
  extKeyUsageExtension([oid.clientAuth]),
  subjectAltNameExtension([dnsName('a.example.com')]),
  ski(subject),
  aki(issuer),
]

const addLimits = (
  extensions: ExtensionToWrite[],
  features: { isNarrow: boolean; limitsPurpose: boolean },
): void => {
  if (features.isNarrow) extensions.push(nameLimits(['example.com'], ['bad.example.com']))
  if (features.limitsPurpose) extensions.push(extKeyUsageExtension([oid.clientAuth]))
}

/** Signs everything. */
export const makeChain = async ({ certificates, crls }: ChainSpec): Promise<MadeChain> => {
  const ders = await Promise.all(
    certificates.map(async ({ issuer, subject, extensions, overrides, finish }) =>
      finish(await forge({ issuer, subject, extensions, ...overrides })),
    ),
  )
  const lists = await Promise.all(
    crls.map(async ({ finish, ...crl }) => finish(await makeCrl(crl))),
  )
  const [root = new Uint8Array(), ...rest] = ders
  return { anchors: [root], pool: rest.slice(0, -1), leaf: rest.at(-1) ?? root, crls: lists }
}

export const pemOf = (label: string, ders: readonly Uint8Array[]): string =>
  ders.map((der) => toPem(label, der)).join('')
