import { webcrypto } from 'node:crypto'
import {
  AlgorithmIdentifier,
  CryptoEngine,
  type CryptoEngineAlgorithmParams,
  type CryptoEnginePublicKeyParams,
  type CryptoEngineSignatureParams,
  type CryptoEngineSignWithPrivateKeyParams,
  type PublicKeyInfo,
} from 'pkijs'
import { gmOid } from '../sm2/oid.ts'
import { isSm2Spki } from '../sm2/public-key.ts'
import { rawSignatureOrEmpty, sm2SignatureToDer } from '../sm2/signature-der.ts'
import {
  isGmAlgorithm,
  toArrayBuffer,
  toBytes,
  type AlgorithmLike,
  type BytesLike,
} from './algorithm.ts'

const sm2Algorithm = { name: 'SM2', hash: { name: 'SM3' } } as const
const signatureOids: readonly string[] = [gmOid.sm2WithSm3, gmOid.sm2Signature]

/**
 * pkijs on the national algorithms. pkijs signs with SHA-1 unless told otherwise: always pass 'SM3'. Its
 * verdicts on certificates are not ours: paths are judged in trust/.
 */
export class GmCryptoEngine extends CryptoEngine {
  readonly #signatureOid: string
  readonly #subtle: webcrypto.SubtleCrypto

  /** `signatureOid` is what signatures are called in files: 1.2.156.10197.1.501 unless given. */
  constructor(crypto: webcrypto.Crypto, signatureOid: string = gmOid.sm2WithSm3) {
    super({ name: 'zhengqiao', crypto })
    this.#signatureOid = signatureOid
    this.#subtle = crypto.subtle
  }

  override getAlgorithmByOID(oid: string, safety = false, target?: string): object {
    if (oid === gmOid.sm3) return { name: 'SM3' }
    if (signatureOids.includes(oid)) return sm2Algorithm
    return super.getAlgorithmByOID(oid, safety, target)
  }

  override getOIDByAlgorithm(
    algorithm: { readonly name: string },
    safety = false,
    target?: string,
  ): string {
    if (algorithm.name === 'SM3') return gmOid.sm3
    if (algorithm.name === 'SM2') return this.#signatureOid
    return super.getOIDByAlgorithm(algorithm, safety, target)
  }

  override getAlgorithmParameters(
    name: string,
    operation: Parameters<CryptoEngine['getAlgorithmParameters']>[1],
  ): CryptoEngineAlgorithmParams {
    if (name !== 'SM2') return super.getAlgorithmParameters(name, operation)
    const usages: webcrypto.KeyUsage[] =
      operation === 'generateKey' ? ['sign', 'verify'] : [operation === 'sign' ? 'sign' : 'verify']
    return { algorithm: { ...sm2Algorithm }, usages }
  }

  override getHashAlgorithm(algorithm: AlgorithmIdentifier): string {
    return isSm2Signature(algorithm) ? 'SM3' : super.getHashAlgorithm(algorithm)
  }

  override async getSignatureParameters(
    privateKey: webcrypto.CryptoKey,
    hashAlgorithm?: string,
  ): Promise<CryptoEngineSignatureParams> {
    if (privateKey.algorithm.name !== 'SM2')
      return super.getSignatureParameters(privateKey, hashAlgorithm)
    const signatureAlgorithm = new AlgorithmIdentifier({ algorithmId: this.#signatureOid })
    return { signatureAlgorithm, parameters: this.getAlgorithmParameters('SM2', 'sign') }
  }

  override async signWithPrivateKey(
    data: BytesLike,
    privateKey: webcrypto.CryptoKey,
    parameters: CryptoEngineSignWithPrivateKeyParams,
  ): Promise<ArrayBuffer> {
    const signature = await super.signWithPrivateKey(data, privateKey, parameters)
    if (privateKey.algorithm.name !== 'SM2') return signature
    return toArrayBuffer(sm2SignatureToDer(toBytes(signature)))
  }

  /** pkijs imports keys by way of JWK, which SM2 has not. */
  override async importKey(
    format: webcrypto.KeyFormat,
    data: BytesLike | webcrypto.JsonWebKey,
    algorithm: AlgorithmLike,
    extractable: boolean,
    usages: webcrypto.KeyUsage[],
  ): Promise<webcrypto.CryptoKey> {
    if (!isGmAlgorithm(algorithm) || format === 'jwk' || !isBytes(data))
      return requireKey(await super.importKey(format, data, algorithm, extractable, usages))
    return this.#subtle.importKey(format, data, algorithm, extractable, usages)
  }

  override async getPublicKey(
    info: PublicKeyInfo,
    signatureAlgorithm: AlgorithmIdentifier,
    parameters?: CryptoEnginePublicKeyParams,
  ): Promise<webcrypto.CryptoKey> {
    const spki = sm2SpkiOf(info)
    return spki === undefined
      ? requireKey(await super.getPublicKey(info, signatureAlgorithm, parameters))
      : this.#subtle.importKey('spki', spki, sm2Algorithm, true, ['verify'])
  }

  /** An SM2 key takes SM2 signatures only, and no other key takes them. */
  override async verifyWithPublicKey(
    data: BytesLike,
    signature: Parameters<CryptoEngine['verifyWithPublicKey']>[1],
    info: PublicKeyInfo,
    signatureAlgorithm: AlgorithmIdentifier,
    hashAlgorithm?: string,
  ): Promise<boolean> {
    const spki = sm2SpkiOf(info)
    if (isSm2Signature(signatureAlgorithm) !== (spki !== undefined)) return false
    if (spki === undefined)
      return super.verifyWithPublicKey(data, signature, info, signatureAlgorithm, hashAlgorithm)
    const key = await this.#subtle.importKey('spki', spki, sm2Algorithm, true, ['verify'])
    const raw = rawSignatureOrEmpty(signature.valueBlock.valueHexView)
    return this.#subtle.verify(sm2Algorithm, key, raw, data)
  }
}

const isBytes = (data: BytesLike | webcrypto.JsonWebKey): data is BytesLike =>
  data instanceof ArrayBuffer || ArrayBuffer.isView(data)

/** The library's types name CryptoKey by the DOM's word, which Node's types do not have. */
const requireKey = (key: unknown): webcrypto.CryptoKey => {
  if (key instanceof webcrypto.CryptoKey) return key
  throw new TypeError('not a CryptoKey')
}

const isSm2Signature = ({ algorithmId }: AlgorithmIdentifier): boolean =>
  signatureOids.includes(algorithmId)

/** DER of an SM2 SubjectPublicKeyInfo, undefined for other keys. */
const sm2SpkiOf = (info: PublicKeyInfo): Uint8Array | undefined => {
  const spki = new Uint8Array(info.toSchema().toBER(false))
  return isSm2Spki(spki) ? spki : undefined
}
