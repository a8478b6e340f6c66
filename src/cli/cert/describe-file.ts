import { readFile } from 'node:fs/promises'
import type { Json } from '../../contract/endpoint.ts'
import { certificateIdOf } from '../../crypto/certificate-id.ts'
import { digest } from '../../crypto/digest.ts'
import { openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { DerError, readDer } from '../../crypto/read-der.ts'
import { oid } from '../../trust/oid.ts'
import { parseCertificate } from '../../trust/parse-certificate.ts'
import { parseCrl } from '../../trust/parse-crl.ts'
import { nameText, parseName } from '../../trust/parse-name.ts'
import { parsePublicKey, type PublicKeyInfo } from '../../trust/public-key.ts'
import { readPem } from '../../trust/read-pem.ts'
import { createRequestVerifier, readSigningRequest } from '../../trust/signing-request.ts'
import { certificateFacts } from '../../verification/certificate-facts.ts'
import { CommandFailure } from '../command-error.ts'
import type { Shown } from '../registry/verb.ts'

type Facts = Readonly<Record<string, Json>>

/** What each certificate, request or CRL of a PEM or DER file says. @throws CommandFailure for none */
export const describeFile = (bytes: Uint8Array): Shown => {
  const data = blocksOf(bytes)
    .map(describe)
    .filter((facts) => facts !== undefined)
  if (data.length === 0)
    throw new CommandFailure('没有证书、申请或吊销列表 / no certificate, request or CRL in it')
  const lines = data.flatMap((facts) =>
    Object.entries(facts).map(
      ([name, value]) =>
        `${name.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  )
  return { data, lines }
}

/** DER of the first such PEM block of a file, or the file itself. @throws CommandFailure */
export const bytesOfFile = async (path: string, label: string): Promise<Uint8Array> => {
  const bytes = await readFile(path).catch(() => {
    throw new CommandFailure(`读不了文件 / cannot read: ${path}`)
  })
  const text = bytes.toString('latin1')
  if (!text.includes('-----BEGIN ')) return bytes
  const block = readPem(text).find((each) => each.label === label)
  if (block === undefined)
    throw new CommandFailure(`文件里没有 ${label} / not in the file: ${path}`)
  return block.der
}

const blocksOf = (bytes: Uint8Array): readonly Uint8Array[] => {
  const text = Buffer.from(bytes).toString('latin1')
  return text.includes('-----BEGIN ') ? readPem(text).map(({ der }) => der) : [bytes]
}

const describe = (der: Uint8Array): Facts | undefined =>
  tried(() => describeCertificate(der)) ??
  tried(() => describeCrl(der)) ??
  tried(() => describeRequest(der))

const tried = (read: () => Facts): Facts | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

const describeCertificate = (der: Uint8Array): Facts => {
  const certificate = parseCertificate(der)
  return {
    kind: 'certificate',
    ...certificateFacts(certificate),
    sm3: hex(digest('sm3', der)),
    certificateId: certificateIdOf(der),
    key: keyText(certificate.publicKey),
    signature: algorithmText(certificate.signatureAlgorithm.id),
  }
}

const describeCrl = (der: Uint8Array): Facts => {
  const { issuer, thisUpdate, nextUpdate, entries, signatureAlgorithm, decoded } = parseCrl(der)
  return {
    kind: 'crl',
    issuer: nameText(issuer),
    number: String(decoded.values.crlNumber ?? ''),
    thisUpdate: thisUpdate.toISOString(),
    nextUpdate: nextUpdate?.toISOString() ?? null,
    revoked: entries.map(({ serial }) => hex(serial)),
    signature: algorithmText(signatureAlgorithm.id),
  }
}

const describeRequest = (der: Uint8Array): Facts => {
  const verifies = createRequestVerifier(openPlainGmCrypto().verifiers.verifyDer)
  const { subject, spki } = readSigningRequest(der, verifies)
  return {
    kind: 'request',
    subject: nameText(parseName(readDer(subject))),
    key: keyText(parsePublicKey(readDer(spki))),
    proof: 'the request is signed by its own key',
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const names: Readonly<Record<string, string>> = {
  [oid.p256]: 'P-256',
  [oid.p384]: 'P-384',
  [oid.p521]: 'P-521',
  [oid.sm2]: 'SM2',
  [oid.ecdsaWithSha256]: 'ECDSA with SHA-256',
  [oid.sm2WithSm3]: 'SM2 with SM3',
}

const algorithmText = (id: string): string => names[id] ?? id

const keyText = ({ key }: PublicKeyInfo): string => {
  if (key.kind === 'ec') return algorithmText(key.curve)
  return key.kind === 'rsa' ? `RSA ${String(key.bits)}` : key.kind
}
