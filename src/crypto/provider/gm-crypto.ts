import { randomBytes, webcrypto } from 'node:crypto'
import type { RandomBytes } from '../../contract/uuid.ts'
import type { Sm2Engine } from '../sm2/engine.ts'
import { createPlainSm2Engine, openSm2Engine, type Sm2EngineOptions } from '../sm2/open-engine.ts'
import { sm2SignatureVerifiers, type Sm2SignatureVerifiers } from '../sm2/signature-verifier.ts'
import { openSm4Gcm, type Sm4Gcm } from '../sm4/sm4-gcm.ts'
import type { VerifyContext } from '../verify-signature.ts'
import { openGmWasm, type GmWasm } from '../wasm/gm-wasm.ts'
import { bindMember } from './bind-member.ts'
import { createGmSubtle } from './gm-subtle.ts'

/** The national algorithms of one process: opened once, handed to whoever needs them. */
export type GmCrypto = {
  readonly sm2: Sm2Engine
  readonly sm4Gcm: Sm4Gcm
  readonly verifiers: Sm2SignatureVerifiers
  /** For `verifySignature` and everything above it: SM2-SM3 beside the built-in algorithms. */
  readonly signatures: VerifyContext
  /** WebCrypto's `crypto` with the national algorithms, for @peculiar/x509 and pkijs. */
  readonly webcrypto: webcrypto.Crypto
  readonly report: GmReport
}

/** What does the work. */
export type GmReport = {
  readonly sm2Verify: 'wasm' | 'js'
  readonly sm2Sign: 'wasm' | 'openssl' | 'js'
  readonly sm2Multiply: 'wasm' | 'js'
  readonly sm4Gcm: Sm4Gcm['name']
  /** False when a JavaScript fallback, whose time depends on secrets, signs or decrypts. */
  readonly isConstantTime: boolean
}

export type GmCryptoOptions = Omit<Sm2EngineOptions, 'wasm'> & {
  /** False keeps to JavaScript. */
  readonly useWasm?: boolean
}

/** Compiles, builds tables, tests itself: 10 to 20 ms. @throws RangeError when the self-test fails */
export const openGmCrypto = async (options: GmCryptoOptions): Promise<GmCrypto> => {
  const wasm = options.useWasm === false ? undefined : openGmWasm()
  return gmCryptoOf(await openSm2Engine({ ...options, wasm }), wasm)
}

/** The same at once, without OpenSSL, for programs that need it only when a file turns out to be of SM2. */
export const openPlainGmCrypto = (random: RandomBytes = randomBytes): GmCrypto => {
  const wasm = openGmWasm()
  return gmCryptoOf(createPlainSm2Engine({ random, wasm }), wasm)
}

const gmCryptoOf = (sm2: Sm2Engine, wasm: GmWasm | undefined): GmCrypto => {
  const sm4Gcm = openSm4Gcm(wasm)
  const verifiers = sm2SignatureVerifiers(sm2)
  return {
    sm2,
    sm4Gcm,
    verifiers,
    signatures: { verifiers: new Map([['SM2-SM3', verifiers.verifyRaw]]) },
    webcrypto: withSubtle(createGmSubtle({ sm2, sm4Gcm }, webcrypto.subtle)),
    report: reportOf(sm2, sm4Gcm),
  }
}

const withSubtle = (subtle: webcrypto.SubtleCrypto): webcrypto.Crypto =>
  new Proxy(webcrypto, {
    get: (target, name): unknown => {
      if (name === 'subtle') return subtle
      return bindMember(target, name)
    },
  })

const reportOf = ({ backends }: Sm2Engine, sm4Gcm: Sm4Gcm): GmReport => ({
  sm2Verify: backends.verifying.name,
  sm2Sign: backends.signing.name,
  sm2Multiply: backends.multiplying.name,
  sm4Gcm: sm4Gcm.name,
  isConstantTime: ![backends.signing.name, backends.multiplying.name, sm4Gcm.name].some(
    (name) => name === 'js' || name === 'ctr+js',
  ),
})
