import { CryptoError } from '../crypto/crypto-error.ts'
import type { JsonObject } from '../crypto/json-value.ts'
import { parseSdJwt, type ParsedSdJwt } from '../crypto/parse-sd-jwt.ts'
import { isKnownAlgorithm } from '../crypto/verify-signature.ts'
import { verifySdJwt, type VerifiedSdJwt } from '../crypto/verify-sd-jwt.ts'
import { tryParseCertificate } from '../trust/certificate-source.ts'
import type { ParsedCertificate } from '../trust/parse-certificate.ts'
import { certificateFacts } from './certificate-facts.ts'
import { judgeClaims } from './judge-claims.ts'
import { broken, judged, open, passed, skipped, warning } from './finding.ts'
import {
  attestationPolicy,
  chainOf,
  judgeChain,
  licenceSigningPolicy,
  pathFindings,
} from './issuer-path.ts'
import { keyCustodyOf, type KeyCustody } from './key-custody.ts'
import type { Finding, Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

export type CredentialContext = {
  /** Shown by the receipt that the credential was found in. */
  readonly isUseShown: boolean
  /** What the answer says about the key, where the certificate says nothing. */
  readonly claimedCustody: KeyCustody | undefined
}

export type JudgedCredential = Judgement & {
  /** Claims with what was disclosed; undefined unless signature and disclosures are right. */
  readonly claims: JsonObject | undefined
  readonly disclosed: readonly string[]
}

/** Only these sign licences; everything else is refused whatever the certificate says. */
const algorithms = ['ES256', 'SM2-SM3']

const bare: CredentialContext = { isUseShown: false, claimedCustody: undefined }

/**
 * Judges a licence credential: format, certificate path, signature, disclosures, claims. A JWT alone is
 * taken for a credential without disclosures.
 */
export const judgeCredential = (
  text: string,
  options: VerifyOptions,
  context: CredentialContext = bare,
): JudgedCredential => {
  const parsed = parse(text.includes('~') ? text : `${text}~`)
  if (parsed instanceof CryptoError) {
    return unread([broken('credential_format', 'FORMAT_FAILURE', parsed.code)], {})
  }
  const facts = { header: headerFacts(parsed), claims: parsed.payload }
  const typ = judged(
    parsed.jws.header['typ'] === 'dc+sd-jwt',
    'credential_type',
    'SIG_CONSTRAINTS_FAILURE',
  )
  const head = [passed('credential_format'), typ]
  const [leafDer, ...others] = chainOf(parsed.jws.header) ?? []
  const leaf = leafDer && tryParseCertificate(leafDer)
  if (leafDer === undefined || leaf === undefined) {
    return unread([...head, broken('issuer_certificate', 'FORMAT_FAILURE')], facts)
  }
  const attestedBy = attestedByOf(parsed.payload)
  const policy = attestedBy === 'gateway' ? attestationPolicy : licenceSigningPolicy
  const path = judgeChain([leafDer, ...others], { ...options, policy })
  const found = [...head, passed('issuer_certificate'), ...pathFindings(path)]
  const verified = verify(parsed, leaf, options)
  if ('findings' in verified) {
    const signer = certificateFacts(leaf)
    return unread([...verified.findings, ...found], { ...facts, signer })
  }
  return judgeVerified(verified, leaf, { options, context, found, facts })
}

/** Who vouches, by the signed part: it decides what the certificate must be for. */
const attestedByOf = ({ attestedBy }: JsonObject): 'department' | 'gateway' =>
  attestedBy === undefined ? 'department' : 'gateway'

const parse = (text: string): ParsedSdJwt | CryptoError => {
  try {
    return parseSdJwt(text)
  } catch (error) {
    if (error instanceof CryptoError) return error
    throw error
  }
}

const unread = (findings: readonly Finding[], facts: Judgement['facts']): JudgedCredential => ({
  artefact: 'credential',
  findings,
  facts,
  claims: undefined,
  disclosed: [],
})

const headerFacts = ({ jws }: ParsedSdJwt) => {
  const { typ } = jws.header
  return { alg: jws.alg, ...(typeof typ === 'string' ? { typ } : {}) }
}

const verify = (
  parsed: ParsedSdJwt,
  leaf: ParsedCertificate,
  { at, trust }: VerifyOptions,
): VerifiedSdJwt | { readonly findings: readonly Finding[] } => {
  const { alg } = parsed.jws
  if (algorithms.includes(alg) && !isKnownAlgorithm(alg, trust.signatures)) {
    return { findings: [open('credential_algorithm', 'CRYPTO_CONSTRAINTS_FAILURE', alg)] }
  }
  try {
    const key = { spki: leaf.publicKey.encoding, algs: algorithms }
    return verifySdJwt(parsed, { key, at, context: trust.signatures })
  } catch (error) {
    if (error instanceof CryptoError) return { findings: faultsOf(error) }
    throw error
  }
}

/** The signature is checked before everything else, so any other fault stands under a right one. */
const faultsOf = ({ code }: CryptoError): readonly Finding[] => {
  if (code === 'signature_invalid' || code.startsWith('jws_')) {
    return [broken('signature', 'SIG_CRYPTO_FAILURE', code)]
  }
  const signature = passed('signature')
  if (code === 'token_expired') return [signature, broken('issue_time', 'EXPIRED', code)]
  if (code === 'token_not_yet_valid')
    return [signature, broken('issue_time', 'NOT_YET_VALID', code)]
  if (code.startsWith('key_binding')) {
    return [signature, broken('key_binding', 'SIG_CONSTRAINTS_FAILURE', code)]
  }
  if (code === 'token_claim' || code === 'sd_jwt_claim_disclosable') {
    return [signature, broken('credential_claims', 'FORMAT_FAILURE', code)]
  }
  return [signature, broken('disclosures', 'HASH_FAILURE', code)]
}

const judgeVerified = (
  verified: VerifiedSdJwt,
  leaf: ParsedCertificate,
  known: {
    readonly options: VerifyOptions
    readonly context: CredentialContext
    readonly found: readonly Finding[]
    readonly facts: Judgement['facts']
  },
): JudgedCredential => {
  const { options, context, found, facts } = known
  const claims = verified.payload
  const disclosed = verified.disclosures.flatMap(({ name }) => name ?? [])
  const attestedBy = attestedByOf(claims)
  const custody = keyCustodyOf(leaf) ?? context.claimedCustody
  return {
    artefact: 'credential',
    findings: [
      passed('signature'),
      passed('disclosures'),
      passed('issue_time'),
      passed('key_binding'),
      ...found,
      ...judgeClaims(claims, leaf, options.at),
      skipped('licence_status'),
      ...(attestedBy === 'gateway'
        ? [warning('attested_by')]
        : [passed('attested_by'), custodyFinding(custody)]),
      context.isUseShown ? passed('use') : skipped('use'),
    ],
    facts: {
      ...facts,
      claims,
      disclosed,
      signer: certificateFacts(leaf),
      attestedBy,
      keyCustody: attestedBy === 'gateway' ? 'gateway' : (custody ?? 'unknown'),
    },
    claims,
    disclosed,
  }
}

const custodyFinding = (custody: KeyCustody | undefined): Finding => {
  if (custody === undefined) return skipped('key_custody', 'unknown')
  return custody === 'department' ? passed('key_custody') : warning('key_custody')
}
