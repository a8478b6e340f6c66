import {
  derBoolean,
  derContextPrimitive,
  derInteger,
  derNamedBits,
  derNull,
  derOid,
  derSequence,
} from '../../src/crypto/write-der.ts'
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  dnsName,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  uriName,
  type ExtensionToWrite,
} from '../../src/trust/certificate-extensions.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { oid } from '../../src/trust/oid.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { date, ecKey, rsaKey, type Forgery } from '../trust/forge.ts'
import {
  nameLimits,
  policies,
  type CertificateSpec,
  type ChainSpec,
  type CrlSpec,
} from './chain-spec.ts'

type Random = (below: number) => number
/** Breaks a good chain in one place; false where the chain has no such place. */
export type Fault = (chain: ChainSpec, random: Random) => boolean

const set = (certificate: CertificateSpec, one: ExtensionToWrite): true => {
  certificate.extensions = [...certificate.extensions.filter(({ id }) => id !== one.id), one]
  return true
}
const drop = (certificate: CertificateSpec, id: string): true => {
  certificate.extensions = certificate.extensions.filter((each) => each.id !== id)
  return true
}
const extension = (id: string, value: Uint8Array, critical = false): ExtensionToWrite => ({
  ...{ id, critical, value },
})

type Place = 'root' | 'sub' | 'leaf'
const at = (
  place: Place,
  change: (certificate: CertificateSpec, random: Random) => true,
): Fault => {
  return ({ certificates }, random) => {
    const subs = certificates.slice(1, -1)
    const found = {
      root: certificates[0],
      sub: subs[random(subs.length || 1)],
      leaf: certificates.at(-1),
    }
    const certificate = found[place]
    return certificate !== undefined && change(certificate, random)
  }
}
const override = (place: Place, overrides: Partial<Forgery>): Fault =>
  at(place, (certificate) => {
    certificate.overrides = { ...certificate.overrides, ...overrides }
    return true
  })
const put = (place: Place, one: ExtensionToWrite): Fault => at(place, (c) => set(c, one))
const lack = (place: Place, id: string): Fault => at(place, (c) => drop(c, id))

/** CRL of the leaf's issuer, or of the root. */
const crlAt =
  (which: 'leaf' | 'root', change: (crl: CrlSpec) => void): Fault =>
  ({ crls }) => {
    const crl = which === 'leaf' ? crls.at(-1) : crls[0]
    if (crl === undefined) return false
    change(crl)
    return true
  }

const flipBit = (bytes: Uint8Array, random: Random): Uint8Array => {
  const bit = random(bytes.length * 8)
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
}
const flipLast = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))

const past = date('2026-05-01T00:00:00Z')
const future = date('2026-07-01T00:00:00Z')
const unknown = extension('1.3.6.1.4.1.55738.1', derNull(), true)
const weakRsa = rsaKey(1024, 'sha256', '1.2.840.113549.1.1.11')
const sha1Key = ecKey('P-256', 'sha1', '1.2.840.10045.4.1')
const leafSerial = Uint8Array.of(0x5a, 0x11)

const revoke =
  (reason?: CrlSpec['revoked'][number]['reason']): Fault =>
  (chain) => {
    const [leaf, crl] = [chain.certificates.at(-1), chain.crls.at(-1)]
    if (leaf === undefined || crl === undefined) return false
    leaf.overrides = { ...leaf.overrides, serial: leafSerial }
    crl.revoked = [{ serial: leafSerial, revokedAt: past, ...(reason ? { reason } : {}) }]
    return true
  }

export const certificateFaults: Readonly<Record<string, Fault>> = {
  leaf_expired: override('leaf', { notAfter: past }),
  sub_expired: override('sub', { notAfter: past }),
  root_expired: override('root', { notAfter: past }),
  leaf_not_yet_valid: override('leaf', { notBefore: future }),
  leaf_signature_flipped: override('leaf', { tamper: flipLast }),
  sub_signature_flipped: override('sub', { tamper: flipLast }),
  leaf_bit_flipped: at('leaf', (leaf, random) => {
    leaf.finish = (der) => flipBit(der, random)
    return true
  }),
  sub_bit_flipped: at('sub', (sub, random) => {
    sub.finish = (der) => flipBit(der, random)
    return true
  }),
  leaf_trailing_byte_inside: at('leaf', (leaf) => {
    leaf.finish = (der) => derSequence(der.subarray(4), Uint8Array.of(5, 0))
    return true
  }),
  leaf_by_stranger: at('leaf', (leaf) => {
    leaf.issuer = { ...leaf.issuer, key: generateP256Key().key }
    return true
  }),
  leaf_issuer_renamed: at('leaf', (leaf) => {
    leaf.issuer = { ...leaf.issuer, name: writeName({ commonName: 'somebody else' }) }
    return true
  }),
  sub_no_basic_constraints: lack('sub', oid.basicConstraints),
  sub_not_ca: put('sub', extension(oid.basicConstraints, derSequence(), true)),
  root_not_ca: put('root', extension(oid.basicConstraints, derSequence(), true)),
  sub_no_cert_sign: put('sub', keyUsageExtension(['cRLSign'])),
  root_path_length: (chain, random) => {
    const subs = chain.certificates.length - 2
    return subs > 0 && put('root', basicConstraintsExtension(subs - 1))(chain, random)
  },
  leaf_unknown_critical: put('leaf', unknown),
  sub_unknown_critical: put('sub', unknown),
  root_unknown_critical: put('root', unknown),
  leaf_other_purpose: put('leaf', extKeyUsageExtension([oid.serverAuth])),
  sub_other_purpose: put('sub', extKeyUsageExtension([oid.serverAuth])),
  leaf_any_purpose: put('leaf', extKeyUsageExtension([oid.anyExtendedKeyUsage])),
  sub_names_elsewhere: put('sub', nameLimits(['example.org'], [])),
  sub_names_excluded: put('sub', nameLimits([], ['a.example.com'])),
  root_names_elsewhere: put('root', nameLimits(['example.org'], [])),
  wildcard_over_excluded: (chain, random) =>
    put('sub', nameLimits([], ['bad.example.com']))(chain, random) &&
    put('leaf', subjectAltNameExtension([dnsName('*.example.com')]))(chain, random),
  policy_elsewhere: (chain) => {
    chain.policy = { explicitPolicy: true, initialPolicies: ['1.2.3.4'] }
    chain.opensslOptions = ['-policy', '1.2.3.4', '-explicit_policy']
    return true
  },
  sub_other_policy: (chain, random) =>
    chain.opensslOptions.length > 0 && put('sub', policies(['1.2.3.4']))(chain, random),
  sub_maps_any: (chain, random) =>
    put(
      'sub',
      extension(
        oid.policyMappings,
        derSequence(derSequence(derOid(oid.anyPolicy), derOid('1.2.3'))),
      ),
    )(chain, random),
  leaf_algorithm_mismatch: override('leaf', {
    innerAlgorithm: derSequence(derOid('1.2.840.10045.4.3.9')),
  }),
  leaf_weak_rsa: override('leaf', { spki: weakRsa.spki }),
  sub_weak_rsa: override('sub', { spki: weakRsa.spki }),
  leaf_by_sha1: at('leaf', (leaf) => {
    leaf.overrides = {
      ...leaf.overrides,
      outerAlgorithm: sha1Key.signatureAlgorithm,
      innerAlgorithm: sha1Key.signatureAlgorithm,
    }
    return true
  }),
}

export const profileFaults: Readonly<Record<string, Fault>> = {
  leaf_serial_zero: override('leaf', { serial: Uint8Array.of(0) }),
  leaf_serial_negative: override('leaf', { serial: Uint8Array.of(0x80) }),
  leaf_serial_long: override('leaf', { serial: new Uint8Array(21).fill(1) }),
  leaf_no_aki: lack('leaf', oid.authorityKeyIdentifier),
  sub_no_aki: lack('sub', oid.authorityKeyIdentifier),
  sub_no_ski: lack('sub', oid.subjectKeyIdentifier),
  leaf_misleading_aki: put('leaf', authorityKeyIdentifierExtension(new Uint8Array(20))),
  leaf_critical_aki: at('leaf', (leaf) =>
    set(leaf, {
      ...(leaf.extensions.find(({ id }) => id === oid.authorityKeyIdentifier) ?? unknown),
      critical: true,
    }),
  ),
  sub_no_key_usage: lack('sub', oid.keyUsage),
  leaf_empty_key_usage: put('leaf', extension(oid.keyUsage, derNamedBits([]), true)),
  leaf_cert_sign: put('leaf', keyUsageExtension(['digitalSignature', 'keyCertSign'])),
  leaf_path_length: put('leaf', extension(oid.basicConstraints, derSequence(derInteger(1)), true)),
  sub_constraints_not_critical: put(
    'sub',
    extension(oid.basicConstraints, derSequence(derBoolean(true))),
  ),
  sub_policy_constraints_not_critical: put(
    'sub',
    extension(oid.policyConstraints, derSequence(derContextPrimitive(0, Uint8Array.of(9)))),
  ),
  leaf_empty_purposes: put('leaf', extension(oid.extKeyUsage, derSequence())),
  leaf_empty_names: put('leaf', extension(oid.subjectAltName, derSequence())),
  leaf_malformed_name: put('leaf', subjectAltNameExtension([dnsName('a_b.example.com')])),
  leaf_critical_aia: put(
    'leaf',
    extension(
      oid.authorityInfoAccess,
      derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.2'), uriName('http://example.com/'))),
      true,
    ),
  ),
  leaf_name_constraints: put('leaf', nameLimits(['example.com'], [])),
  sub_empty_name_constraints: put('sub', extension(oid.nameConstraints, derSequence(), true)),
  sub_malformed_name_constraints: put('sub', nameLimits(['*.example.com', 'example.com'], [])),
  leaf_repeated_extension: at('leaf', (leaf) => {
    leaf.extensions = [...leaf.extensions, ...leaf.extensions.slice(0, 1)]
    return true
  }),
  sub_nameless: (chain, random) =>
    at('sub', (sub) => {
      const nameless = { ...sub.subject, name: derSequence() }
      for (const each of chain.certificates) if (each.issuer === sub.subject) each.issuer = nameless
      for (const crl of chain.crls) if (crl.issuer === sub.subject) crl.issuer = nameless
      sub.subject = nameless
      return true
    })(chain, random),
  sub_version_1: override('sub', { version: 0, rawExtensions: derSequence() }),
}

export const revocationFaults: Readonly<Record<string, Fault>> = {
  leaf_revoked: revoke('keyCompromise'),
  leaf_revoked_without_reason: revoke(),
  leaf_on_hold: revoke('certificateHold'),
  leaf_crl_missing: ({ crls }) => crls.pop() !== undefined,
  root_crl_missing: ({ crls }) => crls.shift() !== undefined,
  leaf_crl_stale: crlAt('leaf', (crl) => {
    crl.nextUpdate = past
    crl.thisUpdate = date('2026-04-01T00:00:00Z')
  }),
  leaf_crl_early: crlAt('leaf', (crl) => {
    crl.thisUpdate = date('2026-06-10T00:00:00Z')
  }),
  leaf_crl_flipped: crlAt('leaf', (crl) => {
    crl.finish = flipLast
  }),
  leaf_crl_by_stranger: crlAt('leaf', (crl) => {
    crl.issuer = { ...crl.issuer, key: generateP256Key().key }
  }),
  leaf_crl_unknown_critical: crlAt('leaf', (crl) => {
    crl.extensions = [unknown]
  }),
  leaf_crl_for_cas_only: crlAt('leaf', (crl) => {
    crl.extensions = [
      extension(
        oid.issuingDistributionPoint,
        derSequence(derContextPrimitive(2, Uint8Array.of(0xff))),
        true,
      ),
    ]
  }),
  leaf_crl_only_delta: crlAt('leaf', (crl) => {
    crl.extensions = [extension(oid.deltaCrlIndicator, derInteger(5), true)]
  }),
  leaf_crl_some_reasons: crlAt('leaf', (crl) => {
    crl.extensions = [
      extension(
        oid.issuingDistributionPoint,
        derSequence(derContextPrimitive(3, Uint8Array.of(5, 0x60))),
        true,
      ),
    ]
  }),
  leaf_crl_indirect: crlAt('leaf', (crl) => {
    crl.extensions = [
      extension(
        oid.issuingDistributionPoint,
        derSequence(derContextPrimitive(4, Uint8Array.of(0xff))),
        true,
      ),
    ]
  }),
  issuer_no_crl_sign: ({ certificates }) => {
    const issuer = certificates.at(-2)
    return issuer !== undefined && set(issuer, keyUsageExtension(['keyCertSign']))
  },
}
