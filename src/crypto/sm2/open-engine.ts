import type { RandomBytes } from '../../contract/uuid.ts'
import { createSm2Engine, type Sm2Backends, type Sm2Engine } from './engine.ts'
import { loadOpensslSigning } from './openssl-signing.ts'
import { referenceMultiplying, referenceSigning, referenceVerifying } from './reference-backend.ts'
import { passesSelfTest } from './self-test.ts'
import type { GmWasm } from '../wasm/gm-wasm.ts'
import { wasmMultiplying, wasmSigning } from './wasm-secrets.ts'
import { wasmVerifying, type WasmVerifyingOptions } from './wasm-verifying.ts'

export type Sm2EngineOptions = WasmVerifyingOptions & {
  readonly random: RandomBytes
  /** The module of openGmWasm; without it everything is done in JavaScript. */
  readonly wasm?: GmWasm | undefined
  /** `auto` is wasm before js; `openssl` is as `auto` where koffi cannot be loaded. */
  readonly signing?: 'auto' | 'openssl' | 'js'
}

/**
 * Chooses the backends and lets them pass the published example; `engine.backends` says which they are.
 * @throws RangeError when they do not pass
 */
export const openSm2Engine = async (options: Sm2EngineOptions): Promise<Sm2Engine> => {
  const backends = plainBackends(options)
  if (options.signing !== 'openssl') return tested(backends, options.random)
  const signing = (await loadOpensslSigning(backends.multiplying)) ?? backends.signing
  return tested({ ...backends, signing }, options.random)
}

/** The same at once, without OpenSSL. */
export const createPlainSm2Engine = (options: Sm2EngineOptions): Sm2Engine =>
  tested(plainBackends(options), options.random)

const plainBackends = (options: Sm2EngineOptions): Sm2Backends => {
  const { wasm, random } = options
  const verifying = wasm === undefined ? referenceVerifying : wasmVerifying(wasm, options)
  const multiplying = wasm === undefined ? referenceMultiplying : wasmMultiplying(wasm)
  const signing =
    wasm === undefined || options.signing === 'js'
      ? referenceSigning(random)
      : wasmSigning(wasm, random)
  return { verifying, multiplying, signing }
}

const tested = (backends: Sm2Backends, random: RandomBytes): Sm2Engine => {
  if (!passesSelfTest(backends)) throw new RangeError('SM2 fails the example of GM/T 0003.5')
  return createSm2Engine(backends, random)
}
