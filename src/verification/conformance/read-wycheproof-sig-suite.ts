import { z } from 'zod'
import { DerError, readDer } from '../../crypto/read-der.ts'
import { verifySignature } from '../../crypto/verify-signature.ts'
import { derInteger, derSequence } from '../../crypto/write-der.ts'
import { oid } from '../../trust/oid.ts'
import { parseAlgorithm, parsePublicKey, type PublicKeyInfo } from '../../trust/public-key.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../../trust/verify-signed.ts'
import type { ReadSuite } from './suite.ts'
import { x509AlgorithmOf, type WycheproofAlgorithm } from './wycheproof-algorithm.ts'

const hex = z.string().transform((text) => Buffer.from(text, 'hex'))

const suiteFile = z.object({
  testGroups: z.array(
    z.object({
      type: z.string(),
      sha: z.string().optional(),
      mgfSha: z.string().optional(),
      sLen: z.number().int().optional(),
      publicKeyDer: hex.optional(),
      /** Earlier versions of the format. */
      keyDer: hex.optional(),
      tests: z.array(
        z.object({
          tcId: z.number(),
          msg: hex,
          sig: hex,
          result: z.enum(['valid', 'invalid', 'acceptable']),
        }),
      ),
    }),
  ),
})

type Group = z.infer<typeof suiteFile>['testGroups'][number]

type Claim = {
  readonly spki: Uint8Array
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Suite `wycheproof-sig`: ECDSA in DER (as X.509 has it) and in P1363 form (as JOSE has it), EdDSA, RSA.
 * An algorithm that nothing here verifies is refused.
 */
export const readWycheproofSigSuite: ReadSuite = async function* ({ json }) {
  const verifier = createSignatureVerifier()
  for (const group of suiteFile.parse(json).testGroups) {
    const spki = group.publicKeyDer ?? group.keyDer ?? new Uint8Array()
    for (const { tcId, msg, sig, result } of group.tests) {
      const expected = result === 'valid' ? 'accept' : 'reject'
      const claim = { spki, bytes: msg, signature: sig }
      yield { id: tcId, expected, accepts: () => isAccepted(group, claim, verifier) }
    }
  }
}

const isAccepted = (group: Group, claim: Claim, verifier: SignatureVerifier): boolean => {
  try {
    const publicKey = parsePublicKey(readDer(claim.spki))
    return group.type === 'EcdsaP1363Verify'
      ? isRightP1363(group, claim, publicKey, verifier)
      : isRightInX509(group, claim, publicKey, verifier)
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

const isRightInX509 = (
  group: WycheproofAlgorithm,
  { bytes, signature }: Claim,
  publicKey: PublicKeyInfo,
  verifier: SignatureVerifier,
): boolean => {
  const encoded = x509AlgorithmOf(group)
  if (encoded === undefined) return false
  const algorithm = parseAlgorithm(readDer(encoded))
  return verifier({ algorithm, publicKey, bytes, signature }) === 'right'
}

/** JOSE binds each curve to one hash; any other pair is written as X.509 writes it. */
const isRightP1363 = (
  group: Group,
  claim: Claim,
  publicKey: PublicKeyInfo,
  verifier: SignatureVerifier,
): boolean => {
  const { key } = publicKey
  const curve = key.kind === 'ec' ? curves[key.curve] : undefined
  if (curve === undefined) return false
  if (group.sha === curve.hash) return verifySignature({ alg: curve.alg, ...claim })
  const { signature } = claim
  if (signature.length !== 2 * curve.octets) return false
  const numbers = [signature.subarray(0, curve.octets), signature.subarray(curve.octets)]
  const der = derSequence(...numbers.map(derInteger))
  return isRightInX509(group, { ...claim, signature: der }, publicKey, verifier)
}

const curves: Readonly<
  Record<string, { readonly alg: string; readonly hash: string; readonly octets: number }>
> = {
  [oid.p256]: { alg: 'ES256', hash: 'SHA-256', octets: 32 },
  [oid.p384]: { alg: 'ES384', hash: 'SHA-384', octets: 48 },
  [oid.p521]: { alg: 'ES512', hash: 'SHA-512', octets: 66 },
}
