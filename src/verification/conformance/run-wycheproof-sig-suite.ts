import { z } from 'zod'
import { verifySignature } from '../../crypto/verify-signature.ts'
import { DerError, readDer } from '../../crypto/read-der.ts'
import { derOid, derSequence } from '../../crypto/write-der.ts'
import { parseAlgorithm, parsePublicKey } from '../../trust/public-key.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../../trust/verify-signed.ts'
import { judgeCase } from './judge-case.ts'
import type { RunSuite } from './suite.ts'

const hex = z.string().transform((text) => Buffer.from(text, 'hex'))

const suiteFile = z.object({
  testGroups: z.array(
    z.object({
      type: z.enum(['EcdsaVerify', 'EcdsaP1363Verify', 'EddsaVerify']),
      sha: z.string().optional(),
      publicKeyDer: hex,
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
type Test = Group['tests'][number]

/** Suite `wycheproof-sig`: ECDSA in DER (as X.509 has it) and in P1363 form (as JOSE has it), EdDSA. */
export const runWycheproofSigSuite: RunSuite = async function* ({ json, cpuMs }) {
  const verifier = createSignatureVerifier()
  for (const group of suiteFile.parse(json).testGroups) {
    for (const test of group.tests) {
      const expected = test.result === 'valid' ? 'accept' : 'reject'
      const accepts = (): boolean => isAccepted(group, test, verifier)
      yield await judgeCase({ id: test.tcId, expected, accepts }, cpuMs)
    }
  }
}

const isAccepted = (group: Group, test: Test, verifier: SignatureVerifier): boolean => {
  const { type, sha = '', publicKeyDer: spki } = group
  const claim = { spki, bytes: test.msg, signature: test.sig }
  if (type === 'EcdsaP1363Verify') {
    const alg = joseNames[sha]
    if (alg === undefined) throw new Error(`no JOSE algorithm with ${sha}`)
    return verifySignature({ alg, ...claim })
  }
  const algorithm = type === 'EddsaVerify' ? '1.3.101.112' : ecdsaOids[sha]
  if (algorithm === undefined) throw new Error(`no algorithm with ${sha}`)
  return isRightInX509(algorithm, claim, verifier)
}

type Claim = {
  readonly spki: Uint8Array
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}

const isRightInX509 = (oid: string, claim: Claim, verifier: SignatureVerifier): boolean => {
  const { bytes, signature } = claim
  const algorithm = parseAlgorithm(readDer(derSequence(derOid(oid))))
  try {
    const publicKey = parsePublicKey(readDer(claim.spki))
    return verifier({ algorithm, publicKey, bytes, signature }) === 'right'
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

const joseNames: Readonly<Record<string, string>> = {
  'SHA-256': 'ES256',
  'SHA-384': 'ES384',
  'SHA-512': 'ES512',
}

const ecdsaOids: Readonly<Record<string, string>> = {
  'SHA-224': '1.2.840.10045.4.3.1',
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
}
