import { X509Certificate } from 'node:crypto'
import { encodeBase64, encodeBase64Url } from '../crypto/base64url.ts'
import { certificateIdOf } from '../crypto/certificate-id.ts'
import { readCertificateHead } from '../crypto/cms/certificate-head.ts'
import { isSm2Spki, readSm2Spki } from '../crypto/sm2/public-key.ts'
import type { Signer } from '../crypto/signer.ts'
import type { OpenRoute } from './open-route.ts'

/** The keys under which the gateway itself attests, as JWKs with their certificate chains. */
export const jwksRoute = (signers: readonly Pick<Signer, 'alg' | 'chain'>[]): OpenRoute => {
  const body = JSON.stringify({ keys: signers.flatMap(jwkOf) })
  return {
    method: 'GET',
    path: '/.well-known/jwks.json',
    summaryZh: '网关自己的签名公钥',
    answer: () => ({
      status: 200,
      contentType: 'application/jwk-set+json',
      body,
      cacheControl: 'public, max-age=300',
    }),
  }
}

const jwkOf = ({ alg, chain }: Pick<Signer, 'alg' | 'chain'>) =>
  chain.slice(0, 1).map((leaf) => ({
    ...publicJwkOf(leaf),
    alg,
    use: 'sig',
    kid: certificateIdOf(leaf),
    x5c: chain.map(encodeBase64),
  }))

/** No JWK form of SM2 is registered: `crv` is the curve's usual name, and `x5c` says it again. */
const publicJwkOf = (leaf: Uint8Array) => {
  const { spki } = readCertificateHead(leaf)
  if (!isSm2Spki(spki)) return new X509Certificate(leaf).publicKey.export({ format: 'jwk' })
  const { point } = readSm2Spki(spki)
  const [x, y] = [point.subarray(0, 32), point.subarray(32)].map(encodeBase64Url)
  return { kty: 'EC', crv: 'SM2', x, y }
}
