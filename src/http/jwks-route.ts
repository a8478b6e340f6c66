import { X509Certificate } from 'node:crypto'
import { encodeBase64, encodeBase64Url } from '../crypto/base64url.ts'
import { digest } from '../crypto/digest.ts'
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
    ...new X509Certificate(leaf).publicKey.export({ format: 'jwk' }),
    alg,
    use: 'sig',
    kid: encodeBase64Url(digest('sha-256', leaf)),
    x5c: chain.map(encodeBase64),
  }))
