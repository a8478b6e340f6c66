/** OIDs of x509-limbo's names for signature algorithms; those that nothing here verifies have none. */
export const limboSignatureOids: Readonly<Record<string, readonly string[]>> = {
  RSA_WITH_SHA1: ['1.2.840.113549.1.1.5'],
  RSA_WITH_SHA224: ['1.2.840.113549.1.1.14'],
  RSA_WITH_SHA256: ['1.2.840.113549.1.1.11'],
  RSA_WITH_SHA384: ['1.2.840.113549.1.1.12'],
  RSA_WITH_SHA512: ['1.2.840.113549.1.1.13'],
  RSASSA_PSS: ['1.2.840.113549.1.1.10'],
  ECDSA_WITH_SHA1: ['1.2.840.10045.4.1'],
  ECDSA_WITH_SHA224: ['1.2.840.10045.4.3.1'],
  ECDSA_WITH_SHA256: ['1.2.840.10045.4.3.2'],
  ECDSA_WITH_SHA384: ['1.2.840.10045.4.3.3'],
  ECDSA_WITH_SHA512: ['1.2.840.10045.4.3.4'],
  ED25519: ['1.3.101.112'],
}
