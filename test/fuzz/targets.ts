import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSignedData } from '../../src/crypto/cms/parse-signed-data.ts'
import { CryptoError } from '../../src/crypto/crypto-error.ts'
import { DerError, derList, readDer, type DerNode } from '../../src/crypto/read-der.ts'
import {
  readBigInteger,
  readBitString,
  readNamedBits,
  readOid,
  readTime,
} from '../../src/crypto/read-der-value.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { parseCertificate } from '../../src/trust/parse-certificate.ts'
import { parseCrl } from '../../src/trust/parse-crl.ts'
import { parseOcsp } from '../../src/trust/parse-ocsp.ts'
import { parseTimestamp } from '../../src/trust/parse-timestamp.ts'
import { strictPathPolicy } from '../../src/trust/path-policy.ts'
import { toPem } from '../../src/trust/pem.ts'
import { readPem } from '../../src/trust/read-pem.ts'
import { answerPath, openTrust } from '../../src/trust/validate-path.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../../src/trust/verify-signed.ts'
import { makeSigningRequest, readSigningRequest } from '../../src/trust/signing-request.ts'
import { writeName } from '../../src/trust/write-name.ts'

/** A reader of bytes from outside, with well-formed inputs to start from. */
export type FuzzTarget = {
  readonly seeds: () => readonly Buffer[] | Promise<readonly Buffer[]>
  /** Reads one input; throws only the coded errors that `isCoded` names. */
  readonly read: (bytes: Uint8Array) => unknown
  readonly isCoded: (error: unknown) => boolean
}

const vectors = fileURLToPath(new URL('../vectors/', import.meta.url))
const files = (folder: string, ending: string, max = 60): readonly Buffer[] =>
  readdirSync(`${vectors}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .slice(0, max)
    .map((name) => readFileSync(`${vectors}${folder}/${name}`))

const certificates = (): readonly Buffer[] => [
  ...files('pkits/certs', '.crt', 400),
  ...files('revocation', '.pem').flatMap((pem) =>
    readPem(pem.toString('latin1')).map(({ der }) => Buffer.from(der)),
  ),
]
const crls = (): readonly Buffer[] => files('pkits/crls', '.crl', 200)
const isDerError = (error: unknown): boolean => error instanceof DerError
const never = (): boolean => false

/** Reads every node of a DER tree with every value reader that fits its tag. */
const readTree = (bytes: Uint8Array): number => {
  const visit = (node: DerNode, depth: number): number => {
    if ((node.tag & 0x20) !== 0) {
      if (depth > 60) return 1
      return derList(node).reduce((count, child) => count + visit(child, depth + 1), 1)
    }
    if (node.tag === 2) readBigInteger(node)
    if (node.tag === 3) readBitString(node)
    if (node.tag === 6) readOid(node)
    if (node.tag === 0x17 || node.tag === 0x18) readTime(node)
    if (node.tag === 0x83) readNamedBits(node, 0x83)
    return 1
  }
  return visit(readDer(bytes), 0)
}

const trust = openTrust({
  anchors: files('pkits/certs', 'TrustAnchorRootCertificate.crt'),
  pool: certificates().slice(0, 40),
  crls: crls().slice(0, 40),
})
const pathWith = (verifier: SignatureVerifier) => (leaf: Uint8Array) => {
  const at = new Date('2011-04-15T00:00:00Z')
  const enclosed = openTrust({ anchors: [], pool: [leaf], crls: [leaf] })
  return answerPath({ leaf, trust: [trust, enclosed], at, policy: strictPathPolicy, verifier })
}

export const targets: Readonly<Record<string, FuzzTarget>> = {
  der: { seeds: () => [...certificates(), ...crls()], read: readTree, isCoded: isDerError },
  pem: {
    seeds: () => certificates().map((der) => Buffer.from(toPem('CERTIFICATE', der))),
    read: (bytes) => readPem(Buffer.from(bytes).toString('latin1')),
    isCoded: never,
  },
  certificate: { seeds: certificates, read: parseCertificate, isCoded: isDerError },
  crl: { seeds: crls, read: parseCrl, isCoded: isDerError },
  ocsp: { seeds: () => files('revocation', '.ocsp'), read: parseOcsp, isCoded: isDerError },
  timestamp: {
    seeds: () => files('revocation', '.tst'),
    read: parseTimestamp,
    isCoded: isDerError,
  },
  'signed-data': {
    seeds: () => files('gm/cms', '.der'),
    read: parseSignedData,
    isCoded: (error) => error instanceof CryptoError,
  },
  request: {
    seeds: async () => {
      const subject = writeName({ countryName: 'CN', commonName: '办事窗口' })
      return [Buffer.from(await makeSigningRequest(subject, generateP256Key().key))]
    },
    read: (bytes) => readSigningRequest(bytes),
    isCoded: isDerError,
  },
  path: { seeds: certificates, read: pathWith(createSignatureVerifier()), isCoded: never },
  /** Every signature believed, so that the judge meets what signatures keep away from it. */
  'path-believed': { seeds: certificates, read: pathWith(() => 'right'), isCoded: never },
}
