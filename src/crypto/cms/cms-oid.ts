import { gmOid } from '../sm2/oid.ts'

export const cmsOid = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

/** Which set of object identifiers a file is written in: RFC 5652 or GB/T 35275. */
export type CmsDialect = 'rfc' | 'gm'

export const dialectOids = {
  rfc: { data: cmsOid.data, signedData: cmsOid.signedData },
  gm: { data: gmOid.data, signedData: gmOid.signedData },
} as const
