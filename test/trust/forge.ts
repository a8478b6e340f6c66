import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import {
  derBitString,
  derContext,
  derInteger,
  derNull,
  derOid,
  derSequence,
  derTag,
  derTime,
  derTlv,
} from '../../src/crypto/write-der.ts'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  dnsName,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  writeExtension,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { keyIdentifier } from '../../src/trust/dev-ca.ts'
import { generateP256Key, type IssuingKey } from '../../src/trust/issuing-key.ts'
import { oid } from '../../src/trust/oid.ts'
import { strictPathPolicy, type PathPolicy } from '../../src/trust/path-policy.ts'
import type { PathVerdict } from '../../src/trust/path-verdict.ts'
import { validatePath, type PathRequest } from '../../src/trust/validate-path.ts'
import { writeName } from '../../src/trust/write-name.ts'

export type Party = { readonly name: Uint8Array; readonly key: IssuingKey }

export const party = (commonName: string, key: IssuingKey = generateP256Key().key): Party => ({
  name: writeName({ commonName }),
  key,
})

export const date = (text: string): Date => new Date(text)
export const start = date('2020-01-01T00:00:00Z')
export const end = date('2040-01-01T00:00:00Z')
export const now = date('2026-06-01T00:00:00Z')

let lastSerial = 1000

/** What a forged certificate may say; every part of it can be wrong. */
export type Forgery = {
  readonly issuer: Party
  readonly subject: Party
  readonly extensions: readonly ExtensionToWrite[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Contents of the INTEGER. */
  readonly serial?: Uint8Array
  readonly version?: number
  readonly spki?: Uint8Array
  readonly innerAlgorithm?: Uint8Array
  readonly outerAlgorithm?: Uint8Array
  readonly rawExtensions?: Uint8Array
  readonly tamper?: (signature: Uint8Array) => Uint8Array
}

export const forge = async (order: Forgery): Promise<Uint8Array> => {
  const { issuer, tamper } = order
  const tbs = writeTbs(order)
  const signature = await issuer.key.sign(tbs)
  return derSequence(
    tbs,
    order.outerAlgorithm ?? issuer.key.signatureAlgorithm,
    derBitString(tamper ? tamper(signature) : signature),
  )
}

const writeTbs = (order: Forgery): Uint8Array => {
  const { issuer, subject, extensions, version = 2, notBefore = start, notAfter = end } = order
  const body = order.rawExtensions ?? derSequence(...extensions.map(writeExtension))
  return derSequence(
    ...(version === 0 ? [] : [derContext(0, derInteger(version))]),
    order.serial === undefined ? derInteger(++lastSerial) : derTlv(derTag.integer, order.serial),
    order.innerAlgorithm ?? issuer.key.signatureAlgorithm,
    issuer.name,
    derSequence(derTime(notBefore), derTime(notAfter)),
    subject.name,
    order.spki ?? subject.key.spki,
    ...(body.length > 2 ? [derContext(3, body)] : []),
  )
}

const identifier = (key: IssuingKey): Uint8Array => keyIdentifier(key.spki, key)

export const ski = (subject: Party): ExtensionToWrite =>
  subjectKeyIdentifierExtension(identifier(subject.key))
export const aki = (issuer: Party): ExtensionToWrite =>
  authorityKeyIdentifierExtension(identifier(issuer.key))

/** Replaces or removes (undefined) extensions of a list by their id, and adds the rest. */
export const edited = (
  extensions: readonly ExtensionToWrite[],
  edits: Readonly<Record<string, ExtensionToWrite | undefined>>,
): readonly ExtensionToWrite[] => [
  ...extensions.filter(({ id }) => !(id in edits)),
  ...Object.values(edits).filter((each) => each !== undefined),
]

export const caExtensions = (
  subject: Party,
  issuer: Party,
  pathLength?: number,
): readonly ExtensionToWrite[] => [
  basicConstraintsExtension(pathLength),
  keyUsageExtension(['keyCertSign', 'cRLSign']),
  ski(subject),
  aki(issuer),
]

export const leafExtensions = (
  subject: Party,
  issuer: Party,
  names: readonly Uint8Array[] = [dnsName('licence.example.com')],
): readonly ExtensionToWrite[] => [
  keyUsageExtension(['digitalSignature']),
  extKeyUsageExtension([oid.clientAuth]),
  ...(names.length > 0 ? [subjectAltNameExtension(names)] : []),
  ski(subject),
  aki(issuer),
]

type Edits = Readonly<Record<string, ExtensionToWrite | undefined>>

export const forgeCa = (
  issuer: Party,
  subject: Party,
  options: { pathLength?: number; edits?: Edits } & Partial<Forgery> = {},
): Promise<Uint8Array> => {
  const { pathLength, edits = {}, ...rest } = options
  const extensions = edited(caExtensions(subject, issuer, pathLength), edits)
  return forge({ issuer, subject, extensions, ...rest })
}

export const forgeLeaf = (
  issuer: Party,
  subject: Party,
  options: { names?: readonly Uint8Array[]; edits?: Edits } & Partial<Forgery> = {},
): Promise<Uint8Array> => {
  const { names, edits = {}, ...rest } = options
  const extensions = edited(leafExtensions(subject, issuer, names), edits)
  return forge({ issuer, subject, extensions, ...rest })
}

/** Strict RFC 5280 without revocation: what most tests judge by. */
export const bare: PathPolicy = {
  ...strictPathPolicy,
  revocation: { leaf: 'ignored', authorities: 'ignored' },
}

export const judge = (
  request: Pick<PathRequest, 'leaf'> & Partial<PathRequest>,
): Promise<PathVerdict> =>
  validatePath({ pool: [], anchors: [], crls: [], at: now, policy: bare, ...request })

/** root → sub → leaf with an edit in any of them. */
export const judgeChain = async (
  change: {
    root?: Parameters<typeof forgeCa>[2]
    sub?: Parameters<typeof forgeCa>[2]
    leaf?: Parameters<typeof forgeLeaf>[2]
    policy?: Partial<PathPolicy>
    at?: Date
  } = {},
): Promise<PathVerdict> => {
  const [root, sub, leaf] = [party('root'), party('sub'), party('leaf')]
  return judge({
    anchors: [await forgeCa(root, root, change.root)],
    pool: [await forgeCa(root, sub, change.sub)],
    leaf: await forgeLeaf(sub, leaf, change.leaf),
    policy: { ...bare, ...change.policy },
    at: change.at ?? now,
  })
}

/** An issuing key of any algorithm that node signs with. */
export const nodeKey = (
  kind: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  hash: string | null,
  signatureAlgorithm: Uint8Array,
  options: object = {},
): IssuingKey => ({
  spki: kind.publicKey.export({ type: 'spki', format: 'der' }),
  signatureAlgorithm,
  sign: async (bytes) => sign(hash, bytes, { key: kind.privateKey, ...options }),
  digest: (bytes) => createHash('sha256').update(bytes).digest(),
})

export const rsaKey = (
  bits: number,
  hash: string,
  algorithm: string,
  exponent = 65537,
): IssuingKey =>
  nodeKey(
    generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent }),
    hash,
    derSequence(derOid(algorithm), derNull()),
  )

export const ecKey = (curve: string, hash: string, algorithm: string): IssuingKey =>
  nodeKey(generateKeyPairSync('ec', { namedCurve: curve }), hash, derSequence(derOid(algorithm)))

export const ed25519Key = (): IssuingKey =>
  nodeKey(generateKeyPairSync('ed25519'), null, derSequence(derOid(oid.ed25519)))

export const publicOf = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' })
