import { createPublicKey, randomBytes } from 'node:crypto'
import {
  credentialHeader,
  joinSdJwt,
  makeDisclosure,
  signingInputOf,
  sortedDigests,
} from '../../crypto/issue-sd-jwt.ts'
import { loadFileSigner, type Signer } from '../../crypto/signer.ts'
import { issueCertificate, makeRoot, makeSubCa, type Authority } from '../../trust/dev-ca.ts'
import { generateP256Key } from '../../trust/issuing-key.ts'
import { makeCrl } from '../../trust/make-crl.ts'
import { writeName } from '../../trust/write-name.ts'
import type { ChainToJudge } from './peers/pkijs-chain.ts'

export const verifyAt = new Date('2026-06-01T00:00:00Z')
const validity = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2031-01-01T00:00:00Z'),
}
const base = 'https://gateway.example/issuers/113702990037000297'

export type VerifyScene = {
  /** Leaf below sub CA below root, P-256, a leaf each. */
  readonly chains: readonly ChainToJudge[]
  /** Credentials of one issuer, all fields disclosed. */
  readonly credentials: readonly string[]
  readonly issuerSpki: Uint8Array
}

/** What a city's verifier meets: its CA, departments' certificates, licence credentials. */
export const makeVerifyScene = async (count: number): Promise<VerifyScene> => {
  const root = await makeRoot({
    subject: name('压测根'),
    ...newKey(),
    validity,
    random: randomBytes,
  })
  const sub = await makeSubCa({
    ...{ issuer: root, subject: name('压测二级'), ...newKey(), validity, random: randomBytes },
  })
  const crls = [await crlOf(root), await crlOf(sub)]
  const signers = await Promise.all(Array.from({ length: count }, () => makeSigner(sub)))
  const chains = signers.map(({ chain }) => ({
    ...{ leaf: chain[0] ?? new Uint8Array(), pool: [sub.certificate] },
    ...{ anchors: [root.certificate], crls },
  }))
  const [issuer] = signers
  if (issuer === undefined) throw new RangeError('count')
  const credentials = await Promise.all(
    Array.from({ length: count }, (_, at) => makeCredential(issuer, at)),
  )
  return { chains, credentials, issuerSpki: issuer.spki }
}

const name = (commonName: string): Uint8Array => writeName({ commonName })

const newKey = () => ({ key: generateP256Key().key })

const crlOf = (issuer: Authority): Promise<Uint8Array> =>
  makeCrl({
    ...{ issuer, number: 1, revoked: [] },
    ...{ thisUpdate: new Date('2026-05-30T00:00:00Z') },
    ...{ nextUpdate: new Date('2026-07-01T00:00:00Z') },
  })

type SceneSigner = Signer & { readonly spki: Uint8Array }

const makeSigner = async (sub: Authority): Promise<SceneSigner> => {
  const { key, privateKeyPem } = generateP256Key()
  const leaf = await issueCertificate({
    ...{
      issuer: sub,
      profile: 'licenceSigning',
      subject: writeName({ organizationName: '压测局' }),
    },
    ...{ spki: key.spki, uri: base, validity, random: randomBytes },
  })
  const spki = createPublicKey(privateKeyPem).export({ format: 'der', type: 'spki' })
  return { ...loadFileSigner(privateKeyPem, [leaf, sub.certificate]), spki }
}

/** A licence of twelve surface fields, as the demo's residence permit has. */
const makeCredential = async (signer: Signer, at: number): Promise<string> => {
  const disclosures = surface(at).map(([field, value]) =>
    makeDisclosure(randomBytes(16), field, value),
  )
  const payload = {
    ...{ iss: base, iat: validity.notBefore.getTime() / 1000 },
    ...{ vct: 'https://gateway.example/vct/113702990037000297016/1', _sd_alg: 'sha-256' },
    ...{ licenceId: `018f0000-0000-7000-8000-${String(at).padStart(12, '0')}` },
    ...{ typeCode: '113702990037000297016', version: '001', trustLevel: 'A' },
    ...{ issuedAt: '2026-02-01', validFrom: '2026-02-01', validTo: '2036-02-01' },
    _sd: sortedDigests(disclosures),
  }
  const input = signingInputOf(credentialHeader(signer.alg, signer.chain), payload)
  const encoded = disclosures.map((each) => each.encoded)
  return joinSdJwt(input, await signer.sign(Buffer.from(input)), encoded)
}

const surface = (at: number) => [
  ['identifier', `1.2.156.3005.2.${String(at)}`] as const,
  ['number', `370299${String(at).padStart(12, '0')}`] as const,
  ['holders', [{ name: '压测甲', idType: '111', id: `370299${String(at)}` }]] as const,
  ...['姓名', '性别', '民族', '出生日期', '住址', '签发机关', '有效期限', '户号', '备注'].map(
    (field) => [field, `${field}的内容 ${String(at)}`] as const,
  ),
]
