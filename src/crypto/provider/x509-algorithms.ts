import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { cryptoProvider, diAlgorithm, diAsnSignatureFormatter } from '@peculiar/x509'
import { container } from 'tsyringe'
import { ecPublicKeyOid, gmOid } from '../sm2/oid.ts'
import { rawSignatureOrEmpty, sm2SignatureToDer } from '../sm2/signature-der.ts'
import { derOid } from '../write-der.ts'
import { toArrayBuffer, toBytes, type BytesLike } from './algorithm.ts'

/**
 * Teaches @peculiar/x509 SM2 and SM3 and makes `crypto` its provider; the library keeps such knowledge
 * for the whole process, and some of its methods (X509Crl.verify) use the provider kept there whatever
 * they are handed. It validates nothing but names and signatures: paths are judged in trust/.
 */
export const registerX509Algorithms = (crypto: webcrypto.Crypto): void => {
  cryptoProvider.set(crypto)
  if (container.isRegistered(marker)) return
  container.register(marker, { useValue: true })
  container.register(diAlgorithm, { useValue: sm2Algorithm })
  container.register(diAsnSignatureFormatter, { useValue: sm2Formatter })
}

const marker = 'zhengqiao.gm'

type WebAlgorithm = { readonly name: string; readonly hash?: unknown }

const sm2Curve = toArrayBuffer(derOid(gmOid.sm2))

/** The library asks in the same words for a key and for a signature; only the latter has a hash. */
const sm2Algorithm = {
  toAsnAlgorithm: ({ name, hash }: WebAlgorithm): AlgorithmIdentifier | null => {
    if (name === 'SM3') return new AlgorithmIdentifier({ algorithm: gmOid.sm3 })
    if (name !== 'SM2') return null
    return hash === undefined
      ? new AlgorithmIdentifier({ algorithm: ecPublicKeyOid, parameters: sm2Curve })
      : new AlgorithmIdentifier({ algorithm: gmOid.sm2WithSm3 })
  },
  toWebAlgorithm: ({ algorithm, parameters }: AlgorithmIdentifier): WebAlgorithm | null => {
    if (algorithm === gmOid.sm3) return { name: 'SM3' }
    const isKey = algorithm === ecPublicKeyOid && isSm2Curve(parameters)
    return isKey || algorithm === gmOid.sm2WithSm3 ? { name: 'SM2', hash: { name: 'SM3' } } : null
  },
}

const isSm2Curve = (parameters: ArrayBuffer | null | undefined): boolean =>
  parameters != null && Buffer.compare(toBytes(parameters), toBytes(sm2Curve)) === 0

/** Raw inside WebCrypto, DER in certificates. Null lets the library's own formatters have a go. */
const sm2Formatter = {
  toAsnSignature: ({ name }: WebAlgorithm, signature: BytesLike): ArrayBuffer | null =>
    name === 'SM2' ? toArrayBuffer(sm2SignatureToDer(toBytes(signature))) : null,
  toWebSignature: ({ name }: WebAlgorithm, signature: BytesLike): ArrayBuffer | null =>
    name === 'SM2' ? toArrayBuffer(rawSignatureOrEmpty(toBytes(signature))) : null,
}
