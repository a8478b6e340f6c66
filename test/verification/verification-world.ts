import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { canonicalJson } from '../../src/crypto/canonical-json.ts'
import { encodeBase64Url } from '../../src/crypto/base64url.ts'
import { formatCheckpoint } from '../../src/crypto/checkpoint.ts'
import { digestText } from '../../src/crypto/digest.ts'
import {
  credentialHeader,
  joinSdJwt,
  makeDisclosure,
  signingInputOf,
  sortedDigests,
} from '../../src/crypto/issue-sd-jwt.ts'
import type { JsonObject, JsonValue } from '../../src/crypto/json-value.ts'
import { inclusionPath, leafHash, rootOf } from '../../src/crypto/merkle.ts'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import { loadNoteSigner, signNote, type NoteSigner } from '../../src/crypto/sign-note.ts'
import { loadFileSigner, type Signer } from '../../src/crypto/signer.ts'
import { formatTlogProof } from '../../src/crypto/tlog-proof.ts'
import type { Receipt } from '../../src/ledger/filing.ts'
import { entryOf, receiptOf } from '../../src/ledger/prepare-filing.ts'
import { newReceiptNo } from '../../src/ledger/receipt-no.ts'
import {
  issueCertificate,
  makeRoot,
  makeSubCa,
  type Authority,
  type LeafProfile,
} from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import type { TrustFolder } from '../../src/trust/load-trust.ts'
import { makeCrl, type RevokedToWrite } from '../../src/trust/make-crl.ts'
import { writeName } from '../../src/trust/write-name.ts'

export const base = 'https://gateway.example'
export const uscc = '113702990037000297'
export const at = new Date('2026-06-01T00:00:00Z')
export const licenceId = '018f0000-0000-7000-8000-000000000001'
const validity = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2031-01-01T00:00:00Z'),
}

const crlOf = (issuer: Authority, revoked: readonly RevokedToWrite[] = []): Promise<Uint8Array> =>
  makeCrl({
    issuer,
    number: 1,
    thisUpdate: new Date('2026-05-30T00:00:00Z'),
    nextUpdate: new Date('2026-07-01T00:00:00Z'),
    revoked,
  })

/** Root, sub CA, their CRLs, and leaves on demand. */
export const makeCity = async () => {
  const random = randomBytes
  const root = await makeRoot({
    subject: writeName({ commonName: '开发根' }),
    key: generateP256Key().key,
    validity,
    random,
  })
  const sub = await makeSubCa({
    issuer: root,
    subject: writeName({ commonName: '开发二级' }),
    key: generateP256Key().key,
    validity,
    random,
  })
  const issue = async (
    changes: { profile?: LeafProfile; uri?: string } = {},
  ): Promise<Signer & { readonly privateKeyPem: string }> => {
    const { key, privateKeyPem } = generateP256Key()
    const leaf = await issueCertificate({
      issuer: sub,
      profile: changes.profile ?? 'licenceSigning',
      subject: writeName({ organizationName: '青岛市公安局' }),
      spki: key.spki,
      uri: changes.uri ?? `${base}/issuers/${uscc}`,
      validity,
      random,
    })
    return { ...loadFileSigner(privateKeyPem, [leaf, sub.certificate]), privateKeyPem }
  }
  const trust = async (
    signers: readonly NoteSigner[] = [],
    revoked?: Signer,
  ): Promise<TrustFolder> => ({
    anchors: [root.certificate],
    pool: [],
    crls: [
      await crlOf(root),
      await crlOf(
        sub,
        revoked === undefined
          ? []
          : [{ serial: serialOf(revoked), revokedAt: new Date('2026-05-01T00:00:00Z') }],
      ),
    ],
    ocsp: [],
    noteKeys: signers.map(({ key }) => formatVerifierKey(key)),
  })
  return { root, sub, issue, trust }
}

const serialOf = ({ chain }: Signer): Uint8Array =>
  Buffer.from(new X509Certificate(chain[0] ?? Buffer.alloc(0)).serialNumber, 'hex')

export const visible: JsonObject = {
  iss: `${base}/issuers/${uscc}`,
  iat: Date.parse('2026-02-01T00:00:00Z') / 1000,
  vct: `${base}/vct/113702990037000297016/1`,
  _sd_alg: 'sha-256',
  licenceId,
  typeCode: '113702990037000297016',
  version: '001',
  issuedAt: '2026-02-01',
  validFrom: '2026-02-01',
  validTo: '2036-02-01',
  trustLevel: 'A',
}

export const secret: JsonObject = {
  number: '370299190001010015',
  holders: [{ name: '张三', idType: '111' }],
  sex: '男',
}

/** A credential that shows `shown` of the selectively disclosable claims. */
export const makeCredentialText = async (
  signer: Signer,
  changes: JsonObject = {},
  shown: readonly string[] = ['number', 'sex'],
): Promise<string> => {
  const disclosures = Object.entries(secret).map(([name, value]) =>
    makeDisclosure(randomBytes(16), name, value),
  )
  const payload = { ...visible, ...changes, _sd: sortedDigests(disclosures) }
  const input = signingInputOf(credentialHeader(signer.alg, signer.chain), payload)
  const encoded = disclosures.filter(({ name }) => shown.includes(name)).map((each) => each.encoded)
  return joinSdJwt(input, await signer.sign(Buffer.from(input)), encoded)
}

export const aNoteSigner = (name = 'gateway.example'): NoteSigner => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return loadNoteSigner(name, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/** A receipt in a log of five entries, as the ledger would have made it. */
export const makeReceipt = async (
  signers: readonly NoteSigner[],
  members: JsonObject = {},
  answer?: JsonValue,
): Promise<Receipt> => {
  const no = newReceiptNo(randomBytes)
  const event = {
    no,
    at: '2026-06-01T08:00:00.000+08:00',
    action: 'case.fetch',
    decision: 'allowed',
    ...(answer === undefined
      ? {}
      : { responseDigest: digestText('sha-256', canonicalJson(answer)) }),
    ...members,
  }
  const opened = { event: Buffer.from(canonicalJson(event)), salt: randomBytes(32) }
  const leaves = [1, 2, 3, 4, 5].map((n) => leafHash(Buffer.from([n])))
  leaves[3] = leafHash(entryOf(opened))
  const text = formatCheckpoint({
    origin: 'gateway.example/node-1',
    size: 5,
    root: rootOf(leaves),
  })
  const checkpoint = await signNote(text, signers)
  return receiptOf(
    no,
    opened,
    formatTlogProof({ index: 3, path: inclusionPath(3, leaves), checkpoint }),
  )
}

/** What the gateway answers to a fetch of one licence, and its receipt. */
export const makeAnswer = async (
  signers: readonly NoteSigner[],
  sdJwt: string,
  changes: { readonly fields?: JsonObject; readonly listed?: readonly string[] } = {},
) => {
  const data = {
    fetchId: '018f0000-0000-7000-8000-0000000000ff',
    materials: [
      {
        code: 'M1',
        licence: {
          licenceId,
          sdJwt,
          fields: changes.fields ?? { number: '370299190001010015', sex: '男' },
          keyCustody: 'gateway',
        },
      },
    ],
  }
  const licences = [{ licenceId, version: '001', fields: changes.listed ?? ['number', 'sex'] }]
  const receipt = await makeReceipt(signers, { licences }, data)
  return {
    data,
    receipt,
    text: `{"data":${canonicalJson(data)},"receipt":${JSON.stringify(receipt)}}`,
  }
}

export const reencoded = (event: string, change: (text: string) => string): string =>
  encodeBase64Url(Buffer.from(change(Buffer.from(event, 'base64url').toString())))
