import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { openGmCrypto, type GmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { writeSm2Spki } from '../../crypto/sm2/public-key.ts'
import { openSm2Engine } from '../../crypto/sm2/open-engine.ts'
import { sm2SignatureVerifiers } from '../../crypto/sm2/signature-verifier.ts'
import type { Candidate } from './rounds.ts'

const rotating = 1024
const messages = Array.from({ length: rotating }, () => randomBytes(128))

/** Measures `count` calls; the index rotates over the messages. */
const candidate = (
  name: string,
  count: number,
  work: (message: Buffer, index: number) => unknown,
): Candidate => ({
  name,
  run: async () => {
    const before = process.cpuUsage()
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const index = i % rotating
      if (work(messages[index] ?? nothing, index) === false) throw new Error(`${name} went wrong`)
    }
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(before)
    return { operations: count, seconds, cpuUs: { process: user + system } }
  },
})

const nothing = Buffer.alloc(0)
const counted = (scale: number, operations: number): number => Math.ceil(operations * scale)

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const raw = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const })

/** Signatures by one key over all messages, under keys known and unknown, beside P-256 and OpenSSL. */
export const verifyCandidates = (gm: GmCrypto, scale: number): readonly Candidate[] => {
  const count = counted(scale, 2048)
  const ownKey = gm.sm2.generateKey()
  const own = messages.map((message) => gm.sm2.sign(ownKey, message))
  const spki = writeSm2Spki(ownKey.publicKey)
  const strangers = messages.map((message) => {
    const key = gm.sm2.generateKey()
    return { spki: writeSm2Spki(key.publicKey), signature: gm.sm2.sign(key, message) }
  })
  // A cache of one key: no stranger is met twice.
  const { verifyRaw: verifyStranger } = sm2SignatureVerifiers(gm.sm2, 1)
  const theirs = messages.map((message) => sign('sha256', message, raw(p256.privateKey)))
  return [
    candidate('P-256 verify', count, (message, i) =>
      verify('sha256', message, raw(p256.publicKey), theirs[i] ?? nothing),
    ),
    candidate('SM2 verify, known key', count, (bytes, i) =>
      gm.verifiers.verifyRaw({ alg: 'SM2-SM3', spki, bytes, signature: own[i] ?? nothing }),
    ),
    candidate('SM2 verify, unknown key', Math.min(count, rotating), (bytes, i) =>
      verifyStranger({ alg: 'SM2-SM3', bytes, ...(strangers[i] ?? { spki, signature: nothing }) }),
    ),
    opensslVerify(Math.ceil(count / 4)),
  ]
}

/**
 * Node's own SM2: keys count as SM2 only when they were read from a file, and the user id is the empty
 * one. Good for a comparison only.
 */
const opensslVerify = (count: number): Candidate => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'SM2' })
  const signer = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const key = createPublicKey(pair.publicKey.export({ format: 'pem', type: 'spki' }))
  const signatures = messages.map((message) => sign('sm3', message, signer))
  return candidate('SM2 verify, OpenSSL', count, (message, i) =>
    verify('sm3', message, key, signatures[i] ?? nothing),
  )
}

/** Signing by the backend in use, by OpenSSL where koffi loads, and by P-256. */
export const signCandidates = async (
  gm: GmCrypto,
  scale: number,
): Promise<readonly Candidate[]> => {
  const count = counted(scale, 2048)
  const key = gm.sm2.generateKey()
  const openssl = await openSm2Engine({ random: randomBytes, signing: 'openssl' })
  const opensslKey = openssl.importKey(key.secret)
  const isThere = openssl.backends.signing.name === 'openssl'
  return [
    candidate('P-256 sign', count, (message) => sign('sha256', message, raw(p256.privateKey))),
    candidate('SM2 sign', count, (message) => gm.sm2.sign(key, message)),
    ...(isThere
      ? [
          candidate('SM2 sign, OpenSSL', Math.ceil(count / 4), (message) =>
            openssl.sign(opensslKey, message),
          ),
        ]
      : []),
  ]
}

const sizes = [
  ['1 KB', 1024, 4000],
  ['16 KB', 16_384, 600],
] as const

export const digestCandidates = (scale: number): readonly Candidate[] =>
  sizes.flatMap(([name, bytes, count]) => {
    const text = randomBytes(bytes)
    return [
      candidate(`SHA-256, ${name}`, counted(scale, count * 4), () =>
        hash('sha256', text, 'buffer'),
      ),
      candidate(`SM3, ${name}`, counted(scale, count * 2), () => hash('sm3', text, 'buffer')),
    ]
  })

export const cipherCandidates = (gm: GmCrypto, scale: number): readonly Candidate[] => {
  const key = randomBytes(16)
  const gcm = gm.sm4Gcm.openKey(key)
  const counter = (nonce: Uint8Array, text: Uint8Array): Buffer => {
    const cipher = createCipheriv('sm4-ctr', key, Buffer.concat([nonce, Buffer.alloc(4)]))
    return Buffer.concat([cipher.update(text), cipher.final()])
  }
  return sizes.flatMap(([name, bytes, count]) => {
    const text = randomBytes(bytes)
    const nonceOf = (message: Buffer): Buffer => message.subarray(0, 12)
    return [
      candidate(`SM4-CTR, ${name}`, counted(scale, count), (m) => counter(nonceOf(m), text)),
      candidate(`SM4-GCM, ${name}`, counted(scale, count), (m) => gcm.seal(nonceOf(m), text)),
    ]
  })
}

/** The same signatures spread over 1, 16 and 256 issuers, with their tables and, at first, without. */
export const issuerCandidates = async (
  gm: GmCrypto,
  scale: number,
): Promise<readonly Candidate[]> => {
  const count = counted(scale, rotating)
  const keys = Array.from({ length: 256 }, () => gm.sm2.generateKey())
  const spkis = keys.map(({ publicKey }) => writeSm2Spki(publicKey))
  const forIssuers = async (issuers: number): Promise<readonly Candidate[]> => {
    const signatures = messages.map((message, i) => gm.sm2.sign(keys[i % issuers] ?? own, message))
    const work =
      ({ verifiers }: GmCrypto) =>
      (bytes: Buffer, i: number): boolean => {
        const [spki, signature] = [spkis[i % issuers] ?? nothing, signatures[i] ?? nothing]
        return verifiers.verifyRaw({ alg: 'SM2-SM3', spki, bytes, signature })
      }
    const warm = await openGmCrypto({ random: randomBytes, promoteAfter: 0 })
    const name = `SM2 verify, ${String(issuers)} issuers`
    const cold: Candidate = {
      name: `${name}, cold`,
      run: async () => {
        const fresh = await openGmCrypto({ random: randomBytes })
        return candidate(name, count, work(fresh)).run()
      },
    }
    return [candidate(`${name}, warm`, count, work(warm)), cold]
  }
  const own = gm.sm2.generateKey()
  return (await Promise.all([1, 16, 256].map(forIssuers))).flat()
}
