import { digest } from '../crypto/digest.ts'
import type { TrustFolder } from './load-trust.ts'
import { parseCertificate } from './parse-certificate.ts'
import { parseCrl } from './parse-crl.ts'
import { nameText } from './parse-name.ts'
import { parseOcsp } from './parse-ocsp.ts'
import { tryParse } from './try-parse.ts'

export type TrustEntry = {
  readonly kind: 'anchor' | 'certificate' | 'crl' | 'ocsp' | 'noteKey'
  /** Lower-case hex SHA-256 of the DER, or of a note key's line. */
  readonly fingerprint: string
  /** Subject of a certificate, issuer of a CRL, name of a note key. */
  readonly name: string
  /** Validity, or thisUpdate and nextUpdate. */
  readonly from?: Date
  readonly until?: Date
  /** OIDs of an anchor with limited purposes. */
  readonly purposes?: readonly string[]
}

/** What a trust folder holds, one line each. */
export const describeTrust = (folder: TrustFolder): readonly TrustEntry[] => [
  ...folder.anchors.flatMap((der) => describeCertificate(der, 'anchor', folder)),
  ...folder.pool.flatMap((der) => describeCertificate(der, 'certificate', folder)),
  ...folder.crls.flatMap(describeCrl),
  ...folder.ocsp.flatMap(describeOcsp),
  ...folder.noteKeys.map((line) => ({
    kind: 'noteKey' as const,
    fingerprint: hex(Buffer.from(line)),
    name: line.split('+')[0] ?? '',
  })),
]

const hex = (bytes: Uint8Array): string => Buffer.from(digest('sha-256', bytes)).toString('hex')

const describeCertificate = (
  der: Uint8Array,
  kind: 'anchor' | 'certificate',
  { anchorPurposes = {} }: TrustFolder,
): readonly TrustEntry[] => {
  const certificate = tryParse(der, parseCertificate)
  if (certificate === undefined) return []
  const { id: fingerprint, subject, notBefore: from, notAfter: until } = certificate
  const purposes = kind === 'anchor' ? anchorPurposes[fingerprint] : undefined
  const entry = { kind, fingerprint, name: nameText(subject), from, until }
  return [purposes === undefined ? entry : { ...entry, purposes }]
}

const describeCrl = (der: Uint8Array): readonly TrustEntry[] => {
  const crl = tryParse(der, parseCrl)
  if (crl === undefined) return []
  const { id: fingerprint, issuer, thisUpdate: from, nextUpdate: until } = crl
  const entry = { kind: 'crl' as const, fingerprint, name: nameText(issuer), from }
  return [until === undefined ? entry : { ...entry, until }]
}

const describeOcsp = (der: Uint8Array): readonly TrustEntry[] => {
  const response = tryParse(der, parseOcsp)
  if (response === undefined) return []
  const [answer] = response.answers
  const serial = answer === undefined ? '' : Buffer.from(answer.serial).toString('hex')
  const entry = { kind: 'ocsp' as const, fingerprint: response.id, name: serial }
  const until = answer?.nextUpdate
  return [{ ...entry, from: response.producedAt, ...(until === undefined ? {} : { until }) }]
}
