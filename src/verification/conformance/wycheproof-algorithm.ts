import { derContext, derInteger, derNull, derOid, derSequence } from '../../crypto/write-der.ts'
import { oid } from '../../trust/oid.ts'

/** What a Wycheproof group says of its algorithm; which members stand depends on its type. */
export type WycheproofAlgorithm = {
  readonly type: string
  readonly sha?: string | undefined
  readonly mgfSha?: string | undefined
  readonly sLen?: number | undefined
}

/** The AlgorithmIdentifier (DER) that X.509 has for it; undefined where it has none. */
export const x509AlgorithmOf = (group: WycheproofAlgorithm): Uint8Array | undefined => {
  const { sha = '' } = group
  switch (group.type) {
    case 'EddsaVerify':
      return derSequence(derOid(oid.ed25519))
    case 'EcdsaVerify':
    case 'EcdsaP1363Verify':
      return written(ecdsaOids[sha])
    case 'RsassaPkcs1Verify':
      return written(rsaOids[sha], derNull())
    case 'RsassaPssVerify':
      return pssAlgorithm(group)
    default:
      return undefined
  }
}

const written = (id: string | undefined, ...parameters: readonly Uint8Array[]) =>
  id === undefined ? undefined : derSequence(derOid(id), ...parameters)

const pssAlgorithm = ({ sha = '', mgfSha = sha, sLen }: WycheproofAlgorithm) => {
  const [hash, maskHash] = [hashOids[sha], hashOids[mgfSha]]
  if (hash === undefined || maskHash === undefined || sLen === undefined) return undefined
  const mask = derSequence(derOid(oid.mgf1), derSequence(derOid(maskHash), derNull()))
  const parameters = derSequence(
    derContext(0, derSequence(derOid(hash), derNull())),
    derContext(1, mask),
    derContext(2, derInteger(sLen)),
  )
  return derSequence(derOid(oid.rsaPss), parameters)
}

const ecdsaOids: Readonly<Record<string, string>> = {
  'SHA-224': '1.2.840.10045.4.3.1',
  'SHA-256': oid.ecdsaWithSha256,
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
}

const rsaOids: Readonly<Record<string, string>> = {
  'SHA-1': '1.2.840.113549.1.1.5',
  'SHA-224': '1.2.840.113549.1.1.14',
  'SHA-256': '1.2.840.113549.1.1.11',
  'SHA-384': '1.2.840.113549.1.1.12',
  'SHA-512': '1.2.840.113549.1.1.13',
}

const hashOids: Readonly<Record<string, string>> = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-224': '2.16.840.1.101.3.4.2.4',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
}
