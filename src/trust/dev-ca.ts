import type { RandomBytes } from '../contract/uuid.ts'
import { derMembers, readDer } from '../crypto/read-der.ts'
import { readOctetAlignedBits } from '../crypto/read-der-value.ts'
import { derBitString, derContext, derInteger, derSequence, derTime } from '../crypto/write-der.ts'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  uriName,
  writeExtension,
  type ExtensionToWrite,
} from './certificate-extensions.ts'
import type { IssuingKey } from './issuing-key.ts'
import { oid } from './oid.ts'

/** A certificate authority: its DER name, its key, its own certificate (DER). */
export type Authority = {
  readonly name: Uint8Array
  readonly key: IssuingKey
  readonly certificate: Uint8Array
}

export type Validity = { readonly notBefore: Date; readonly notAfter: Date }

/** What a leaf is for: request signatures, licence credentials, the gateway's own attestations. */
export type LeafProfile = 'client' | 'licenceSigning' | 'ledgerAttestation'

export type CertificateToIssue = {
  readonly issuer: Pick<Authority, 'name' | 'key'>
  /** DER of the subject's Name, see writeName. */
  readonly subject: Uint8Array
  /** DER SubjectPublicKeyInfo of the subject. */
  readonly spki: Uint8Array
  readonly validity: Validity
  readonly extensions: readonly ExtensionToWrite[]
  readonly random: RandomBytes
}

/** Signs a certificate with exactly these extensions; 16 random octets of serial number. Answers DER. */
export const signCertificate = async (order: CertificateToIssue): Promise<Uint8Array> => {
  const { issuer, validity } = order
  const tbs = derSequence(
    derContext(0, derInteger(2)),
    derInteger(newSerial(order.random)),
    issuer.key.signatureAlgorithm,
    issuer.name,
    derSequence(derTime(validity.notBefore), derTime(validity.notAfter)),
    order.subject,
    order.spki,
    derContext(3, derSequence(...order.extensions.map(writeExtension))),
  )
  return signed(tbs, issuer.key)
}

/** Self-signed root with cRLSign and keyCertSign. */
export const makeRoot = async (order: {
  readonly subject: Uint8Array
  readonly key: IssuingKey
  readonly validity: Validity
  readonly random: RandomBytes
}): Promise<Authority> => {
  const { subject, key, validity, random } = order
  const extensions = [
    ...authorityExtensions(),
    subjectKeyIdentifierExtension(keyIdentifier(key.spki, key)),
  ]
  const issuer = { name: subject, key }
  const certificate = await signCertificate({
    ...{ issuer, subject, spki: key.spki, validity, extensions, random },
  })
  return { name: subject, key, certificate }
}

/** Sub CA beneath `issuer`; `pathLength` 0 unless given. */
export const makeSubCa = async (order: {
  readonly issuer: Authority
  readonly subject: Uint8Array
  readonly key: IssuingKey
  readonly validity: Validity
  readonly random: RandomBytes
  readonly pathLength?: number
}): Promise<Authority> => {
  const { issuer, subject, key, pathLength = 0 } = order
  const extensions = [...authorityExtensions(pathLength), ...keyIdentifiers(key.spki, issuer.key)]
  const certificate = await signCertificate({ ...order, spki: key.spki, extensions })
  return { name: subject, key, certificate }
}

/** End-entity certificate of a profile. `uri` becomes the one subjectAltName. Answers DER. */
export const issueCertificate = (order: {
  readonly issuer: Pick<Authority, 'name' | 'key'>
  readonly profile: LeafProfile
  readonly subject: Uint8Array
  readonly spki: Uint8Array
  readonly uri: string
  readonly validity: Validity
  readonly random: RandomBytes
  /** Object identifiers of certificate policies. */
  readonly policies?: readonly string[]
}): Promise<Uint8Array> => {
  const { usages, purpose } = leafProfiles[order.profile]
  const extensions = [
    keyUsageExtension(usages),
    extKeyUsageExtension([purpose]),
    subjectAltNameExtension([uriName(order.uri)]),
    ...(order.policies === undefined ? [] : [certificatePoliciesExtension(order.policies)]),
    ...keyIdentifiers(order.spki, order.issuer.key),
  ]
  return signCertificate({ ...order, extensions })
}

const leafProfiles = {
  client: { usages: ['digitalSignature'], purpose: oid.clientAuth },
  licenceSigning: { usages: ['digitalSignature', 'nonRepudiation'], purpose: oid.licenceSigning },
  ledgerAttestation: {
    usages: ['digitalSignature', 'nonRepudiation'],
    purpose: oid.ledgerAttestation,
  },
} as const

/** Appends the AlgorithmIdentifier and the signature to a to-be-signed structure. */
export const signed = async (tbs: Uint8Array, key: IssuingKey): Promise<Uint8Array> =>
  derSequence(tbs, key.signatureAlgorithm, derBitString(await key.sign(tbs)))

/** Leftmost 160 bits of the hash of the public key's bits (RFC 7093 §2 method 1). */
export const keyIdentifier = (spki: Uint8Array, key: Pick<IssuingKey, 'digest'>): Uint8Array => {
  const members = derMembers(readDer(spki))
  members.next()
  return key.digest(readOctetAlignedBits(members.next())).subarray(0, 20)
}

const authorityExtensions = (pathLength?: number): readonly ExtensionToWrite[] => [
  basicConstraintsExtension(pathLength),
  keyUsageExtension(['keyCertSign', 'cRLSign']),
]

const keyIdentifiers = (spki: Uint8Array, issuer: IssuingKey): readonly ExtensionToWrite[] => [
  subjectKeyIdentifierExtension(keyIdentifier(spki, issuer)),
  authorityKeyIdentifierExtension(keyIdentifier(issuer.spki, issuer)),
]

/** 127 random bits below a leading 01, so that the integer is positive and never shorter. */
const newSerial = (random: RandomBytes): Uint8Array => {
  const bytes = Uint8Array.from(random(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}
