import {
  derBoolean,
  derContext,
  derContextPrimitive,
  derInteger,
  derNamedBits,
  derOctetString,
  derOid,
  derSequence,
} from '../crypto/write-der.ts'
import { oid } from './oid.ts'

/** An extension to be written into a certificate or CRL; `value` is the DER inside the OCTET STRING. */
export type ExtensionToWrite = {
  readonly id: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** Bit numbers of KeyUsage, RFC 5280 §4.2.1.3. */
export const keyUsageBit = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const
export type KeyUsageName = keyof typeof keyUsageBit

export const writeExtension = (extension: ExtensionToWrite): Uint8Array =>
  derSequence(
    derOid(extension.id),
    ...(extension.critical ? [derBoolean(true)] : []),
    derOctetString(extension.value),
  )

export const basicConstraintsExtension = (pathLength?: number): ExtensionToWrite => ({
  id: oid.basicConstraints,
  critical: true,
  value: derSequence(
    derBoolean(true),
    ...(pathLength === undefined ? [] : [derInteger(pathLength)]),
  ),
})

export const keyUsageExtension = (usages: readonly KeyUsageName[]): ExtensionToWrite => ({
  id: oid.keyUsage,
  critical: true,
  value: derNamedBits(usages.map((usage) => keyUsageBit[usage])),
})

export const extKeyUsageExtension = (purposes: readonly string[]): ExtensionToWrite => ({
  id: oid.extKeyUsage,
  critical: false,
  value: derSequence(...purposes.map(derOid)),
})

/** certificatePolicies without qualifiers. */
export const certificatePoliciesExtension = (policies: readonly string[]): ExtensionToWrite => ({
  id: oid.certificatePolicies,
  critical: false,
  value: derSequence(...policies.map((policy) => derSequence(derOid(policy)))),
})

export const subjectKeyIdentifierExtension = (keyIdentifier: Uint8Array): ExtensionToWrite => ({
  id: oid.subjectKeyIdentifier,
  critical: false,
  value: derOctetString(keyIdentifier),
})

export const authorityKeyIdentifierExtension = (keyIdentifier: Uint8Array): ExtensionToWrite => ({
  id: oid.authorityKeyIdentifier,
  critical: false,
  value: derSequence(derContextPrimitive(0, keyIdentifier)),
})

/** subjectAltName of general names that are already encoded, see uriName and dnsName. */
export const subjectAltNameExtension = (names: readonly Uint8Array[]): ExtensionToWrite => ({
  id: oid.subjectAltName,
  critical: false,
  value: derSequence(...names),
})

export const uriName = (uri: string): Uint8Array =>
  derContextPrimitive(6, Buffer.from(uri, 'ascii'))

export const dnsName = (name: string): Uint8Array =>
  derContextPrimitive(2, Buffer.from(name, 'ascii'))

export const emailName = (mailbox: string): Uint8Array =>
  derContextPrimitive(1, Buffer.from(mailbox, 'ascii'))

export const ipName = (octets: Uint8Array): Uint8Array => derContextPrimitive(7, octets)

export const directoryName = (name: Uint8Array): Uint8Array => derContext(4, name)
