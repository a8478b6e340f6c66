// The outside judge: everything national that we make is checked by the openssl command, and the reverse.
//   npx tsx test/crypto/judge/gm-openssl.ts [messages, 10000]
import { randomBytes, randomInt } from 'node:crypto'
import { makeSignedData } from '../../../src/crypto/cms/make-signed-data.ts'
import { parseSignedData } from '../../../src/crypto/cms/parse-signed-data.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { decryptSm2, encryptSm2 } from '../../../src/crypto/sm2/encrypt.ts'
import { writePem } from '../../../src/crypto/sm2/pem.ts'
import { writeSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { readSm2PrivateKey } from '../../../src/crypto/sm2/read-private-key.ts'
import { sm2SignatureToDer } from '../../../src/crypto/sm2/signature-der.ts'
import { sm2CmsSigner } from '../../../src/crypto/sm2/sm2-signer.ts'
import {
  writeEncryptedSm2PrivateKeyPem,
  writeSm2PrivateKeyPem,
} from '../../../src/crypto/sm2/write-private-key.ts'
import { encryptSm4Cbc } from '../../../src/crypto/sm4/sm4-cbc.ts'
import { issueCertificate, makeRoot, makeSubCa } from '../../../src/trust/dev-ca.ts'
import { makeCrl } from '../../../src/trust/make-crl.ts'
import { parseSigned } from '../../../src/trust/parse-certificate.ts'
import { makeSigningRequest } from '../../../src/trust/signing-request.ts'
import { sm2IssuingKey } from '../../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../../src/trust/write-name.ts'
import {
  countTrue,
  openssl,
  opensslOutput,
  opensslRounds,
  opensslVerifies,
  pathOf,
  put,
  putRound,
  readRound,
  signRound,
  verifyRound,
} from './openssl.ts'

const messages = Number(process.argv[2] ?? 10_000)
const gm = await openGmCrypto({ random: randomBytes })
const { sm2 } = gm
const { verifyDer } = gm.verifiers
const key = sm2.generateKey()
const spki = writeSm2Spki(key.publicKey)
const publicPem = put('public.pem', writePem('PUBLIC KEY', spki))
const privatePem = put('private.pem', writeSm2PrivateKeyPem(key))
const faults: string[] = []

const report = (what: string, right: number, of: number): void => {
  process.stdout.write(
    `${right === of ? 'ok  ' : 'BAD '} ${what}: ${String(right)} of ${String(of)}\n`,
  )
  if (right !== of) faults.push(what)
}
const check = async (what: string, verdict: Promise<boolean> | boolean): Promise<void> => {
  report(what, (await verdict) ? 1 : 0, 1)
}
const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  const bit = randomInt(copy.length * 8)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
const randomMessage = (): Buffer => randomBytes(1 + randomInt(2000))

/** Rounds of at most 500, so that a fault shows early and the folder stays small. */
const inBatches = async (work: (count: number) => Promise<number>): Promise<number> => {
  let right = 0
  for (let done = 0; done < messages; done += 500)
    right += await work(Math.min(500, messages - done))
  return right
}

const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** Ours, whole (openssl must accept all) or with one bit flipped in message or signature (none). */
const judgeOurs = async (count: number, isFlipped: boolean): Promise<number> => {
  for (const index of indexes(count)) {
    const message = randomMessage()
    const signature = sm2SignatureToDer(sm2.sign(key, message))
    const flipsText = isFlipped && index % 2 === 0
    putRound('m', index, flipsText ? flipped(message) : message)
    putRound('s', index, isFlipped && !flipsText ? flipped(signature) : signature)
  }
  const verdicts = await opensslRounds(count, verifyRound(publicPem))
  return verdicts.filter((isGood) => isGood !== isFlipped).length
}

const judgeTheirs = async (count: number): Promise<number> => {
  const made = indexes(count).map(randomMessage)
  for (const [index, message] of made.entries()) putRound('m', index, message)
  const signed = await opensslRounds(count, signRound(privatePem))
  return made.filter((message, index) => {
    if (signed[index] !== true) return false
    const signature = readRound('s', index)
    return (
      verifyDer(spki, message, signature) &&
      !verifyDer(spki, flipped(message), signature) &&
      !verifyDer(spki, message, flipped(signature))
    )
  }).length
}

const judgeSignatures = async (): Promise<void> => {
  const theirs = await inBatches(judgeTheirs)
  report('openssl signatures verify here, and with one bit flipped do not', theirs, messages)
  const ours = await inBatches((count) => judgeOurs(count, false))
  report('our signatures verify in openssl', ours, messages)
  const altered = await inBatches((count) => judgeOurs(count, true))
  report('with one bit flipped they do not', altered, messages)
}

const judgeEncryption = async (): Promise<void> => {
  const rounds = Math.min(messages, 500)
  const toThem = await countTrue(rounds, async (_, slot) => {
    const text = randomBytes(1 + randomInt(300))
    const sealed = put(`c${String(slot)}`, encryptSm2(sm2, key.publicKey, text, 'der'))
    const opened = await opensslOutput('pkeyutl', '-decrypt', '-inkey', privatePem, '-in', sealed)
    return opened.equals(text)
  })
  report('openssl decrypts what we encrypt', toThem, rounds)
  const toUs = await countTrue(rounds, async (_, slot) => {
    const text = randomBytes(1 + randomInt(300))
    const plain = put(`p${String(slot)}`, text)
    const sealed = await opensslOutput(
      ...['pkeyutl', '-encrypt', '-pubin', '-inkey', publicPem, '-in', plain],
    )
    return Buffer.compare(decryptSm2(sm2, key, sealed, 'der'), text) === 0
  })
  report('we decrypt what openssl encrypts', toUs, rounds)
  const [sm4Key, iv, text] = [randomBytes(16), randomBytes(16), randomBytes(1001)]
  const theirs = await opensslOutput(
    ...['enc', '-sm4-cbc', '-K', sm4Key.toString('hex'), '-iv', iv.toString('hex')],
    ...['-in', put('sm4', text)],
  )
  await check('SM4-CBC is the same', Buffer.compare(encryptSm4Cbc(sm4Key, iv, text), theirs) === 0)
}

const judgeKeyFiles = async (): Promise<void> => {
  const reads = (name: string, pem: string) =>
    openssl('pkey', '-in', put(name, pem), '-passin', 'pass:secret', '-noout', '-check')
  await check('openssl reads our key file', reads('k1', writeSm2PrivateKeyPem(key)))
  // Not the national wrapping: openssl has no HMAC-SM3 for PBKDF2.
  const wrapped = writeEncryptedSm2PrivateKeyPem(sm2, key, 'secret', { wrapping: 'aes' })
  await check('openssl reads our encrypted key file', reads('k2', wrapped))
  for (const cipher of ['aes-256-cbc', 'sm4-cbc']) {
    const pem = await opensslOutput(
      ...['pkcs8', '-topk8', '-in', privatePem, '-v2', cipher, '-passout', 'pass:secret'],
    )
    const read = readSm2PrivateKey(sm2, pem.toString(), 'secret')
    await check(
      `we read the key file that openssl encrypts (${cipher})`,
      read.publicKey.name === key.publicKey.name,
    )
  }
}

const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') }
const name = (commonName: string) => writeName({ countryName: 'CN', commonName })
const distid = ['-vfyopt', 'distid:1234567812345678'] as const

const judgeCertificates = async (): Promise<void> => {
  const newKey = () => sm2IssuingKey(sm2, sm2.generateKey())
  const order = { validity, random: randomBytes }
  const root = await makeRoot({ subject: name('国密根'), key: newKey(), ...order })
  const sub = await makeSubCa({ issuer: root, subject: name('国密二级'), key: newKey(), ...order })
  const leafKey = newKey()
  const leaf = await issueCertificate({
    ...{ issuer: sub, profile: 'client', subject: name('客户端'), spki: leafKey.spki },
    ...{ uri: 'urn:zhengqiao:client:1', ...order },
  })
  const pem = (file: string, der: Uint8Array) => put(file, writePem('CERTIFICATE', der))
  const files = {
    root: pem('root.pem', root.certificate),
    sub: pem('sub.pem', sub.certificate),
    leaf: pem('leaf.pem', leaf),
  }
  const link = (trusted: string, certificate: string) =>
    openssl('verify', ...distid, '-partial_chain', '-trusted', trusted, certificate)
  await check('root, by itself', link(files.root, files.root))
  await check('intermediate, under the root', link(files.root, files.sub))
  await check('leaf, under the intermediate', link(files.sub, files.leaf))
  await check(
    'leaf, not under the root',
    link(files.root, files.leaf).then((good) => !good),
  )
  const request = put('request.der', await makeSigningRequest(name('请求'), leafKey))
  await check(
    'request',
    openssl('req', '-inform', 'DER', '-in', request, '-verify', '-noout', ...distid),
  )
  const crl = await makeCrl({
    ...{
      issuer: sub,
      number: 1,
      revoked: [{ serial: Buffer.of(1), revokedAt: validity.notBefore }],
    },
    ...{ thisUpdate: validity.notBefore, nextUpdate: validity.notAfter },
  })
  const { tbs, signature } = parseSigned(crl)
  const subPublic = put('sub-public.pem', writePem('PUBLIC KEY', sub.key.spki))
  await check('CRL, its signature', opensslVerifies(9, subPublic, tbs.encoding, signature))
}

/** openssl verifies no SM2 CMS directly: the signed attributes are cut out and checked. */
const judgeCms = async (): Promise<void> => {
  const root = await makeRoot({
    ...{ subject: name('签名人'), key: sm2IssuingKey(sm2, key), validity, random: randomBytes },
  })
  for (const dialect of ['rfc', 'gm'] as const)
    for (const attributes of [undefined, {}]) {
      const content = randomMessage()
      const signer = sm2CmsSigner(sm2, key, [root.certificate])
      const der = await makeSignedData(content, signer, { dialect, attributes })
      await check(
        `openssl parses CMS (${dialect})`,
        openssl('asn1parse', '-inform', 'DER', '-in', put('cms', der), '-out', pathOf('x')),
      )
      const [info] = parseSignedData(der).signers
      if (info === undefined) throw new Error('no signer')
      const bytes = info.attributes?.signed ?? content
      const what = attributes === undefined ? 'content' : 'signed attributes'
      await check(`CMS (${dialect}), ${what}`, opensslVerifies(8, publicPem, bytes, info.signature))
    }
}

await judgeKeyFiles()
await judgeCertificates()
await judgeCms()
await judgeEncryption()
await judgeSignatures()
if (faults.length > 0) throw new Error(`openssl disagrees: ${faults.join('; ')}`)
