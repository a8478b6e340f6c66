import { webcrypto } from 'node:crypto'
import {
  Certificate,
  CertificateChainValidationEngine,
  CertificateRevocationList,
  CryptoEngine,
  setEngine,
} from 'pkijs'

/** DER throughout, as it comes out of a file; nothing of it is parsed beforehand. */
export type ChainToJudge = {
  readonly leaf: Uint8Array
  readonly pool: readonly Uint8Array[]
  readonly anchors: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

/** Judges a chain with pkijs' engine over node's WebCrypto, which checks every signature. */
export const openPkijsChain = (at: Date): ((chain: ChainToJudge) => Promise<boolean>) => {
  setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto }))
  return async ({ leaf, pool, anchors, crls }) => {
    const engine = new CertificateChainValidationEngine({
      trustedCerts: anchors.map(parse),
      // The engine takes the last certificate for the one to validate.
      certs: [...pool, leaf].map(parse),
      crls: crls.map((der) => CertificateRevocationList.fromBER(Uint8Array.from(der))),
      checkDate: at,
    })
    return (await engine.verify()).result
  }
}

const parse = (der: Uint8Array): Certificate => Certificate.fromBER(Uint8Array.from(der))
