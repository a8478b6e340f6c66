import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url } from '../../src/crypto/base64url.ts'
import { formatCheckpoint, originOf } from '../../src/crypto/checkpoint.ts'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import type { DigestName } from '../../src/crypto/digest.ts'
import {
  credentialHeader,
  joinSdJwt,
  makeDisclosure,
  signingInputOf,
} from '../../src/crypto/issue-sd-jwt.ts'
import { inclusionPath, leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { signNote, type NoteSigner } from '../../src/crypto/sign-note.ts'
import type { Signer } from '../../src/crypto/signer.ts'
import { sm2NoteSigner, sm2Signer } from '../../src/crypto/sm2/sm2-signer.ts'
import { formatTlogProof } from '../../src/crypto/tlog-proof.ts'
import { entryOf, receiptOf } from '../../src/ledger/prepare-filing.ts'
import { newReceiptNo } from '../../src/ledger/receipt-no.ts'
import { issueCertificate } from '../../src/trust/dev-ca.ts'
import { createSignatureVerifier } from '../../src/trust/verify-signed.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { writeSm2Spki } from '../../src/crypto/sm2/public-key.ts'
import type { Report } from '../../src/verification/report.ts'
import { openVerificationTrust } from '../../src/verification/verification-trust.ts'
import { verifyArtefact } from '../../src/verification/verify-artefact.ts'
import { aNoteSigner, at, base, makeCity, uscc, visible } from './verification-world.ts'

/* One algorithm's artefact under the name, key, chain or log of another must never pass. */

const gm = openPlainGmCrypto()
const city = await makeCity()
const p256 = await city.issue()
const sm2Key = gm.sm2.generateKey()
const sm2Leaf = await issueCertificate({
  issuer: city.sub,
  profile: 'licenceSigning',
  subject: writeName({ organizationName: '青岛市公安局' }),
  spki: writeSm2Spki(sm2Key.publicKey),
  uri: `${base}/issuers/${uscc}`,
  validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
  random: randomBytes,
})
const sm2 = sm2Signer(gm.sm2, sm2Key, [sm2Leaf, city.sub.certificate])
const edLog = aNoteSigner()
const sm2Log = sm2NoteSigner(gm.sm2, gm.sm2.generateKey(), 'gateway.example')
const algorithms = {
  certificateVerifier: createSignatureVerifier(gm.verifiers.verifyDer),
  signatures: gm.signatures,
}
const folder = await city.trust([edLog, sm2Log])
const trust = openVerificationTrust(folder, algorithms)
const verify = (text: string, noteKeys = folder.noteKeys): Report =>
  verifyArtefact(Buffer.from(text), {
    trust:
      noteKeys === folder.noteKeys
        ? trust
        : openVerificationTrust({ ...folder, noteKeys }, algorithms),
    at,
  })

type Mix = {
  readonly alg: Signer['alg']
  readonly chain: Signer['chain']
  readonly sign: Signer['sign']
  readonly sdAlg?: DigestName
  readonly digestName?: DigestName
}

const credential = async ({ alg, chain, sign, sdAlg, digestName }: Mix): Promise<string> => {
  const own = alg === 'SM2-SM3' ? 'sm3' : 'sha-256'
  const disclosure = makeDisclosure(
    randomBytes(16),
    'number',
    '370299190001010015',
    digestName ?? own,
  )
  const payload = { ...visible, _sd_alg: sdAlg ?? own, _sd: [disclosure.digest] }
  const input = signingInputOf(credentialHeader(alg, chain), payload)
  return joinSdJwt(input, await sign(Buffer.from(input)), [disclosure.encoded])
}

describe('credentials', () => {
  it('pass under their own algorithm, both', async () => {
    for (const signer of [p256, sm2])
      expect(verify(await credential(signer))).toMatchObject({ verdict: 'TOTAL_PASSED' })
  })

  const mixes: readonly (readonly [string, Mix])[] = [
    ['ES256 by P-256 under the chain of an SM2 key', { ...p256, chain: sm2.chain }],
    ['SM2 under the chain of a P-256 key', { ...sm2, chain: p256.chain }],
    ['an SM2 signature called ES256', { ...sm2, alg: 'ES256' }],
    ['a P-256 signature called SM2-SM3', { ...p256, alg: 'SM2-SM3' }],
    ['ES256 in name and chain, signed by SM2', { ...p256, sign: sm2.sign }],
    ['SM2 in name and chain, signed by P-256', { ...sm2, sign: p256.sign }],
  ]
  it.each(mixes)('fail as %s', async (_, mix) => {
    expect(verify(await credential(mix))).toMatchObject({
      verdict: 'TOTAL_FAILED',
      subIndication: 'SIG_CRYPTO_FAILURE',
    })
  })

  it.each(['ecdsa', 'sm2', 'SM2', 'sm2-sm3', 'ES384', 'HS256', 'none', ''])(
    'fail under the algorithm %j',
    async (alg) => {
      const [head = '', ...rest] = (await credential(sm2)).split('.')
      const header = Buffer.from(head, 'base64url').toString().replace('"SM2-SM3"', `"${alg}"`)
      const text = [encodeBase64Url(Buffer.from(header)), ...rest].join('.')
      expect(verify(text).verdict).toBe('TOTAL_FAILED')
    },
  )

  it('fail when their digests are of another algorithm than _sd_alg says', async () => {
    for (const signer of [p256, sm2])
      for (const [sdAlg, digestName] of [
        ['sha-256', 'sm3'],
        ['sm3', 'sha-256'],
      ] as const)
        expect(verify(await credential({ ...signer, sdAlg, digestName }))).toMatchObject({
          verdict: 'TOTAL_FAILED',
          subIndication: 'HASH_FAILURE',
        })
  })

  it('may have digests of the other algorithm when the issuer signed that', async () => {
    const mixed = { ...p256, sdAlg: 'sm3', digestName: 'sm3' } as const
    expect(verify(await credential(mixed)).verdict).toBe('TOTAL_PASSED')
  })
})

type Log = {
  readonly signers: readonly NoteSigner[]
  readonly digestName: DigestName
  readonly origin?: string
  readonly edit?: (checkpoint: string) => string
}

const name = 'gateway.example/node-1'

const receipt = async ({ signers, digestName, origin, edit = (note) => note }: Log) => {
  const no = newReceiptNo(randomBytes)
  const event = {
    no,
    at: '2026-06-01T08:00:00.000+08:00',
    action: 'case.fetch',
    decision: 'allowed',
  }
  const opened = { event: Buffer.from(canonicalJson(event)), salt: randomBytes(32) }
  const leaves = [1, 2, 3].map((n) => leafHash(Buffer.from([n]), digestName))
  leaves[1] = leafHash(entryOf(opened, digestName), digestName)
  const text = formatCheckpoint({
    origin: origin ?? originOf(name, digestName),
    size: 3,
    root: rootOf(leaves, digestName),
  })
  const checkpoint = edit(await signNote(text, signers))
  const proof = formatTlogProof({
    index: 1,
    path: inclusionPath(1, leaves, digestName),
    checkpoint,
  })
  return JSON.stringify(receiptOf(no, opened, proof))
}

const both = [edLog, sm2Log]
const last = /— [^\n]*\n$/
const linesOf = (note: string): readonly string[] =>
  note.split('\n\n')[1]?.match(/— [^\n]*\n/g) ?? []

describe('receipts', () => {
  it('pass in logs of SHA-256 with two lines and of SM3 with one', async () => {
    expect(verify(await receipt({ signers: both, digestName: 'sha-256' })).verdict).toBe(
      'TOTAL_PASSED',
    )
    expect(verify(await receipt({ signers: [sm2Log], digestName: 'sm3' })).verdict).toBe(
      'TOTAL_PASSED',
    )
  })

  it('fail where the signed origin promises the other hash', async () => {
    for (const [digestName, origin] of [
      ['sha-256', `${name}+sm3`],
      ['sm3', name],
    ] as const)
      expect(verify(await receipt({ signers: both, digestName, origin }))).toMatchObject({
        verdict: 'TOTAL_FAILED',
        subIndication: 'HASH_FAILURE',
      })
  })

  it('fail where +sm3 was put on the origin, or taken off, after signing', async () => {
    const added = (note: string): string => note.replace(name, `${name}+sm3`)
    const removed = (note: string): string => note.replace('+sm3', '')
    for (const log of [
      { digestName: 'sha-256', edit: added },
      { digestName: 'sm3', edit: removed },
      { digestName: 'sm3', edit: added },
    ] as const)
      expect(verify(await receipt({ signers: both, ...log })).verdict).toBe('TOTAL_FAILED')
  })

  it('pass with a line doubled, which adds nothing, and fail with a wrong one beside a right one', async () => {
    const doubled = (note: string): string => note + (last.exec(note)?.[0] ?? '')
    expect(
      verify(await receipt({ signers: both, digestName: 'sha-256', edit: doubled })).verdict,
    ).toBe('TOTAL_PASSED')
    const other = linesOf(await signNote('another text\n', both))
    const [otherEd = '', otherSm2 = ''] = other
    for (const line of [otherEd, otherSm2]) {
      const edit = (note: string): string => note + line
      expect(verify(await receipt({ signers: both, digestName: 'sha-256', edit })).verdict).toBe(
        'TOTAL_FAILED',
      )
    }
  })

  it('stand on either line alone: one key of the log is enough', async () => {
    for (const signer of both)
      expect(verify(await receipt({ signers: [signer], digestName: 'sha-256' })).verdict).toBe(
        'TOTAL_PASSED',
      )
  })

  it('fail with the SM2 signature under the key id of the Ed25519 line, and the reverse', async () => {
    const swapped = (note: string): string => {
      const lines = linesOf(note).map((line) =>
        Buffer.from(line.trim().split(' ')[2] ?? '', 'base64'),
      )
      const [ed = Buffer.alloc(0), sm = Buffer.alloc(0)] = lines
      const line = (id: Buffer, signature: Buffer): string =>
        `— gateway.example ${Buffer.concat([id.subarray(0, 4), signature.subarray(4)]).toString('base64')}\n`
      return `${note.slice(0, note.indexOf('\n\n') + 2)}${line(ed, sm)}${line(sm, ed)}`
    }
    expect(
      verify(await receipt({ signers: both, digestName: 'sha-256', edit: swapped })).verdict,
    ).toBe('TOTAL_FAILED')
  })

  it('of an SM3 log prove nothing to who knows its Ed25519 key only', async () => {
    const noteKeys = [formatVerifierKey(edLog.key)]
    expect(verify(await receipt({ signers: [sm2Log], digestName: 'sm3' }), noteKeys).verdict).toBe(
      'TOTAL_FAILED',
    )
    expect(verify(await receipt({ signers: [sm2Log], digestName: 'sm3' }), []).verdict).toBe(
      'INDETERMINATE',
    )
  })
})
