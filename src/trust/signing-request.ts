import { createPublicKey, verify } from 'node:crypto'
import { DerError, derMembers, derStructure, readDer } from '../crypto/read-der.ts'
import { readOctetAlignedBits, readOid, readSmallInteger } from '../crypto/read-der-value.ts'
import { derContext, derInteger, derSequence, derTag } from '../crypto/write-der.ts'
import { signed } from './dev-ca.ts'
import type { IssuingKey } from './issuing-key.ts'
import { oid } from './oid.ts'
import type { VerifySm2 } from './verify-signed.ts'

/** PKCS#10 request, DER, without attributes: the CA decides the extensions. */
export const makeSigningRequest = (subject: Uint8Array, key: IssuingKey): Promise<Uint8Array> =>
  signed(derSequence(derInteger(0), subject, key.spki, derContext(0)), key)

/** Whether `signature` (as in the BIT STRING) over `bytes` is right, by OID of the algorithm. */
export type VerifyRequest = (request: {
  readonly algorithm: string
  readonly spki: Uint8Array
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}) => boolean

export type SigningRequest = { readonly subject: Uint8Array; readonly spki: Uint8Array }

/**
 * Reads a PKCS#10 request and checks its proof of possession.
 * @throws DerError for malformed input, a wrong signature, an algorithm that `verifies` does not know.
 */
export const readSigningRequest = (
  der: Uint8Array,
  verifies: VerifyRequest = verifiesEcdsaSha256,
): SigningRequest =>
  derStructure(readDer(der, derTag.sequence), (reader) => {
    const info = reader.next(derTag.sequence)
    const algorithm = readOid(derMembers(reader.next(derTag.sequence)).next())
    const signature = readOctetAlignedBits(reader.next())
    const request = derStructure(info, (members) => {
      if (readSmallInteger(members.next()) !== 0) throw new DerError('der_value', 'version')
      const subject = members.next(derTag.sequence).encoding
      const spki = members.next(derTag.sequence).encoding
      members.optional(0xa0)
      return { subject, spki }
    })
    const proof = { algorithm, spki: request.spki, bytes: info.encoding, signature }
    if (!verifies(proof)) throw new DerError('der_value', 'signature of the request')
    return request
  })

/** ECDSA P-256 with SHA-256, and SM2 with SM3 by `verifySm2`. */
export const createRequestVerifier =
  (verifySm2: VerifySm2): VerifyRequest =>
  (request) =>
    request.algorithm === oid.sm2WithSm3
      ? verifySm2(request.spki, request.bytes, request.signature)
      : verifiesEcdsaSha256(request)

const verifiesEcdsaSha256: VerifyRequest = ({ algorithm, spki, bytes, signature }) => {
  if (algorithm !== oid.ecdsaWithSha256) return false
  try {
    const key = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' })
    return key.asymmetricKeyType === 'ec' && verify('sha256', bytes, key, signature)
  } catch {
    return false
  }
}
