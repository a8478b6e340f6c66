/** Object identifiers of GM/T 0006, by the words of the standards. */
export const gmOid = {
  sm2: '1.2.156.10197.1.301',
  /** Signature identifier that GB/T 35275 files use beside sm2WithSm3. */
  sm2Signature: '1.2.156.10197.1.301.1',
  sm2WithSm3: '1.2.156.10197.1.501',
  sm3: '1.2.156.10197.1.401',
  hmacSm3: '1.2.156.10197.1.401.2',
  sm4Cbc: '1.2.156.10197.1.104.2',
  sm4Gcm: '1.2.156.10197.1.104.8',
  /** GB/T 35275 content types. */
  data: '1.2.156.10197.6.1.4.2.1',
  signedData: '1.2.156.10197.6.1.4.2.2',
} as const

export const ecPublicKeyOid = '1.2.840.10045.2.1'
