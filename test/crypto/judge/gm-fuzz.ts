// Feeds every parser of the national algorithms damaged input; only coded errors may come out.
//   npx tsx test/crypto/judge/gm-fuzz.ts [inputs per parser, 1000000] [seed] [one parser's name]
import { randomBytes } from 'node:crypto'
import { makeSignedData } from '../../../src/crypto/cms/make-signed-data.ts'
import { parseSignedData } from '../../../src/crypto/cms/parse-signed-data.ts'
import { readCertificateHead } from '../../../src/crypto/cms/certificate-head.ts'
import { verifySignedData } from '../../../src/crypto/cms/verify-signed-data.ts'
import { CryptoError } from '../../../src/crypto/crypto-error.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { readSm2Ciphertext } from '../../../src/crypto/sm2/ciphertext.ts'
import { encryptPkcs8, readEncryptedPkcs8 } from '../../../src/crypto/sm2/encrypted-pkcs8.ts'
import { encryptSm2 } from '../../../src/crypto/sm2/encrypt.ts'
import { readPem, writePem } from '../../../src/crypto/sm2/pem.ts'
import { readSm2Pkcs8 } from '../../../src/crypto/sm2/pkcs8.ts'
import { readSm2Point, readSm2Spki, writeSm2Spki } from '../../../src/crypto/sm2/public-key.ts'
import { sm2SignatureFromDer, sm2SignatureToDer } from '../../../src/crypto/sm2/signature-der.ts'
import { sm2CmsSigner } from '../../../src/crypto/sm2/sm2-signer.ts'
import { writeSm2PrivateKey } from '../../../src/crypto/sm2/write-private-key.ts'
import { makeRoot } from '../../../src/trust/dev-ca.ts'
import { sm2IssuingKey } from '../../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../../src/trust/write-name.ts'

const inputs = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const only = process.argv[4]

/** xorshift32: the same seed gives the same inputs. */
const createDice = (start: number): ((below: number) => number) => {
  let state = start | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const dice = createDice(seed * 0x9e3779b1)

const damages: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => {
    const at = dice(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << dice(8))
    return bytes
  },
  (bytes) => {
    bytes[dice(bytes.length)] = dice(256)
    return bytes
  },
  (bytes) => bytes.subarray(0, dice(bytes.length)),
  (bytes) => Buffer.concat([bytes, Buffer.alloc(1 + dice(4), dice(256))]),
  (bytes) => {
    const at = dice(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), Buffer.of(dice(256)), bytes.subarray(at)])
  },
  (bytes) => {
    const at = dice(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice(4))])
  },
  (bytes) => {
    const interesting = [0x00, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff, 0x30, 0x02]
    bytes[dice(bytes.length)] = interesting[dice(interesting.length)] ?? 0
    return bytes
  },
  (bytes) => {
    const [from, to] = [dice(bytes.length), dice(bytes.length)]
    bytes.copy(bytes, to, from, from + dice(16))
    return bytes
  },
]

const damage = (sample: Uint8Array): Buffer => {
  let bytes: Buffer = Buffer.from(sample)
  for (let times = 1 + dice(3); times > 0 && bytes.length > 0; times--)
    bytes = damages[dice(damages.length)]?.(bytes) ?? bytes
  return bytes
}

const outcomeOf = (name: string, bytes: Buffer, parse: (bytes: Buffer) => unknown): string => {
  try {
    const result = parse(bytes)
    if (result === 'accepted') throw new Error('a damaged signature or key was accepted')
    return typeof result === 'string' ? result : 'read'
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    process.stdout.write(`${name}: ${bytes.toString('hex')}\n`)
    throw error
  }
}

const fuzz = (name: string, sample: Uint8Array, parse: (bytes: Buffer) => unknown): void => {
  if (only !== undefined && only !== name) return
  const outcomes = new Map<string, number>()
  const count = (outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  parse(Buffer.from(sample))
  for (let i = 0; i < inputs; i++) {
    const bytes = damage(sample)
    if (bytes.equals(sample)) count('unchanged')
    else count(outcomeOf(name, bytes, parse))
  }
  const counts = [...outcomes].sort().map(([outcome, n]) => `${outcome} ${String(n)}`)
  process.stdout.write(`${name}: ${String(inputs)} inputs, ${counts.join(', ')}\n`)
}

const gm = await openGmCrypto({ random: randomBytes })
const { sm2, verifiers } = gm
const key = sm2.generateKey()
const spki = writeSm2Spki(key.publicKey)
const message = Buffer.from('message')
const signature = sm2.sign(key, message)
const pkcs8 = writeSm2PrivateKey(key)
const root = await makeRoot({
  subject: writeName({ countryName: 'CN', commonName: '签名人' }),
  key: sm2IssuingKey(sm2, key),
  validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
  random: randomBytes,
})
const signer = sm2CmsSigner(sm2, key, [root.certificate])
const cms = await makeSignedData(message, signer, { dialect: 'gm', attributes: {} })
const sm4Key = gm.sm4Gcm.openKey(randomBytes(16))
const nonce = randomBytes(12)
const verdict = (good: boolean): string => (good ? 'accepted' : 'refused')

fuzz('signature in DER', sm2SignatureToDer(signature), sm2SignatureFromDer)
fuzz('point', Buffer.concat([Buffer.of(4), key.publicKey.point]), readSm2Point)
fuzz('SubjectPublicKeyInfo', spki, readSm2Spki)
fuzz('PKCS #8', pkcs8, readSm2Pkcs8)
const encrypted = encryptPkcs8(pkcs8, 'secret', { random: randomBytes, iterations: 1 })
fuzz('encrypted PKCS #8', encrypted, readEncryptedPkcs8)
fuzz('PEM', Buffer.from(writePem('PRIVATE KEY', pkcs8)), (bytes) =>
  readPem(bytes.toString('latin1')),
)
for (const form of ['der', 'raw'] as const) {
  const sealed = encryptSm2(sm2, key.publicKey, message, form)
  fuzz(`ciphertext (${form})`, sealed, (bytes) => readSm2Ciphertext(bytes, form))
}
fuzz('certificate head', root.certificate, readCertificateHead)
fuzz('CMS', cms, (bytes) => {
  // Only what can be read is checked: the counts tell how much of it was still right.
  const verdicts = verifySignedData(parseSignedData(bytes), { verifySm2: verifiers.verifyDer })
  return verdicts.map(({ status }) => status).join('+') || 'nobody signed'
})
fuzz('SM4-GCM', sm4Key.seal(nonce, message), (bytes) => sm4Key.open(nonce, bytes))
fuzz('r‖s', signature, (bytes) =>
  verdict(verifiers.verifyRaw({ alg: 'SM2-SM3', spki, bytes: message, signature: bytes })),
)
fuzz('key of a signature', spki, (bytes) =>
  verdict(verifiers.verifyRaw({ alg: 'SM2-SM3', spki: bytes, bytes: message, signature })),
)
