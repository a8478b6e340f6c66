import { CryptoError } from '../crypto/crypto-error.ts'
import {
  parseSignedData,
  type SignedData,
  type SignerInfo,
} from '../crypto/cms/parse-signed-data.ts'
import { keyUsageBit } from '../trust/certificate-extensions.ts'
import { enclosedCertificates, findSigners } from '../trust/find-signers.ts'
import { judgeSignerInfo, type SignerFault } from '../trust/judge-signer-info.ts'
import type { ParsedCertificate } from '../trust/parse-certificate.ts'
import { oid } from '../trust/oid.ts'
import { defaultPathPolicy, type PathPolicy } from '../trust/path-policy.ts'
import { answerPath, openTrust, type TrustMaterial } from '../trust/validate-path.ts'
import { certificateFacts } from './certificate-facts.ts'
import { broken, judged, open, passed } from './finding.ts'
import { pathFindings } from './issuer-path.ts'
import type { Finding, Judgement } from './report.ts'
import type { VerifyOptions } from './verify-options.ts'

/**
 * Judges a CMS SignedData (RFC 5652, GB/T 35275): every signer's signature, certificate path and right
 * to sign. The content is the file's own, else `options.detached`; where both are there, both must be it.
 */
export const judgeSignedData = (bytes: Uint8Array, options: VerifyOptions): Judgement => {
  const signed = parse(bytes)
  if (signed === undefined) return judgement([broken('cms_format', 'FORMAT_FAILURE')])
  const { contentType, signers } = signed
  if (signers.length === 0) return judgement([broken('cms_format', 'FORMAT_FAILURE', 'no signer')])
  const content = signed.content ?? options.detached
  const enclosed = {
    certificates: enclosedCertificates(signed),
    trust: openTrust({ anchors: [], pool: signed.certificates, crls: signed.crls }),
  }
  const judgedSigners = signers.map((signer) =>
    judgeSigner({ signed, enclosed, signer, content }, options),
  )
  const findings = [
    passed('cms_format'),
    ...foreignContent(signed, options),
    ...judgedSigners.flatMap((each) => each.findings),
  ]
  return judgement(findings, {
    contentType,
    signers: judgedSigners.flatMap(({ certificate }) =>
      certificate === undefined ? [] : [certificateFacts(certificate)],
    ),
  })
}

/** Whoever asks about other bytes than the file brings along must not read that those were signed. */
const foreignContent = (
  { content }: SignedData,
  { detached }: VerifyOptions,
): readonly Finding[] =>
  content !== undefined && detached !== undefined && Buffer.compare(content, detached) !== 0
    ? [broken('cms_content', 'HASH_FAILURE', 'the file holds other content')]
    : []

/** An anchor that its keeper limited vouches for documents only where it vouches for seals. */
const documentPolicy: PathPolicy = { ...defaultPathPolicy, anchorPurpose: oid.sealing }

const judgement = (findings: readonly Finding[], facts: Judgement['facts'] = {}): Judgement => ({
  artefact: 'signed_data',
  findings,
  facts,
})

const parse = (bytes: Uint8Array): SignedData | undefined => {
  try {
    return parseSignedData(bytes)
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}

type JudgedSigner = {
  readonly findings: readonly Finding[]
  readonly certificate: ParsedCertificate | undefined
}

/** What a file brings along, read once for all its signers. */
type Enclosed = {
  readonly certificates: readonly ParsedCertificate[]
  readonly trust: TrustMaterial
}

const judgeSigner = (
  {
    signed,
    enclosed,
    signer,
    content,
  }: {
    readonly signed: SignedData
    readonly enclosed: Enclosed
    readonly signer: SignerInfo
    readonly content: Uint8Array | undefined
  },
  { trust, at }: VerifyOptions,
): JudgedSigner => {
  const [certificate] = findSigners(enclosed.certificates, signer, trust.material)
  if (certificate === undefined) {
    const findings = [open('cms_signer', 'NO_SIGNING_CERTIFICATE_FOUND')]
    return { findings, certificate }
  }
  const verifier = trust.certificateVerifier
  const path = answerPath({
    ...{ leaf: certificate.der, trust: [trust.material, enclosed.trust], at },
    ...{ policy: documentPolicy, verifier },
  })
  const { publicKey } = certificate
  const { algorithms } = documentPolicy
  const fault = judgeSignerInfo({ signed, signer, content, publicKey, algorithms, verifier })
  return {
    findings: [
      passed('cms_signer'),
      content === undefined && fault === undefined
        ? open('cms_content', 'SIGNED_DATA_NOT_FOUND')
        : signatureFinding(fault),
      judged(mayBindDocuments(certificate), 'cms_key_usage', 'SIG_CONSTRAINTS_FAILURE'),
      ...pathFindings(path),
    ],
    certificate,
  }
}

const signatureFinding = (fault: SignerFault | undefined): Finding => {
  switch (fault) {
    case undefined:
      return passed('cms_signature')
    case 'content':
      return broken('cms_content', 'HASH_FAILURE')
    case 'algorithm':
      return broken('cms_signature', 'CRYPTO_CONSTRAINTS_FAILURE', fault)
    case 'attributes':
    case 'signature':
      return broken('cms_signature', 'SIG_CRYPTO_FAILURE', fault)
  }
}

/** Without usages the key is not limited (RFC 5280 §4.2.1.3, §4.2.1.12). */
const mayBindDocuments = ({ decoded }: ParsedCertificate): boolean => {
  const { keyUsage: usage, extKeyUsage: purposes } = decoded.values
  const isSigning =
    usage === undefined ||
    usage.has(keyUsageBit.digitalSignature) ||
    usage.has(keyUsageBit.nonRepudiation)
  return isSigning && (purposes?.some((each) => documentPurposes.has(each)) ?? true)
}

/** Purposes of people and organisations; servers, timestamps, OCSP answers and code are none of them. */
const documentPurposes: ReadonlySet<string> = new Set([
  ...[oid.anyExtendedKeyUsage, oid.emailProtection, oid.clientAuth, oid.sealing],
  // RFC 9336, and what signing tools used before it.
  ...['1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.311.10.3.12', '1.2.840.113583.1.1.5'],
])
