import type { AlgorithmIdentifier, PublicKeyInfo } from './public-key.ts'
import type { Budget } from './search-budget.ts'
import { verificationCost, type SignatureVerifier } from './verify-signed.ts'

/** A certificate, a CRL or an OCSP answer: anything that is signed and has an id. */
export type SignedObject = {
  readonly id: string
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
}

/** Checks each pair of object and key once, on the budget of one validation. */
export type SignatureDesk = (
  object: SignedObject,
  publicKey: PublicKeyInfo,
) => ReturnType<SignatureVerifier>

export const openSignatureDesk = (verifier: SignatureVerifier, budget: Budget): SignatureDesk => {
  const known = new Map<string, ReturnType<SignatureVerifier>>()
  return (object, publicKey) => {
    const pair = `${object.id} ${Buffer.from(publicKey.encoding).toString('latin1')}`
    const before = known.get(pair)
    if (before !== undefined) return before
    budget.spend('signatures', verificationCost(publicKey))
    const { signatureAlgorithm: algorithm, tbs: bytes, signature } = object
    const result = verifier({ algorithm, publicKey, bytes, signature })
    known.set(pair, result)
    return result
  }
}
