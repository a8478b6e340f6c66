import { randomBytes } from 'node:crypto'
import type { Sm2Multiplying, Sm2Signing, Sm2Verifying } from '../../../src/crypto/sm2/backend.ts'
import { loadOpensslSigning } from '../../../src/crypto/sm2/openssl-signing.ts'
import {
  referenceMultiplying,
  referenceSigning,
  referenceVerifying,
} from '../../../src/crypto/sm2/reference-backend.ts'
import { openGmWasm } from '../../../src/crypto/wasm/gm-wasm.ts'
import { wasmMultiplying, wasmSigning } from '../../../src/crypto/sm2/wasm-secrets.ts'
import { wasmVerifying } from '../../../src/crypto/sm2/wasm-verifying.ts'

const opened = openGmWasm()
if (opened === undefined) throw new Error('this Node has no WebAssembly')

export const wasm = opened

export const verifyBackends: readonly (readonly [string, Sm2Verifying])[] = [
  ['js', referenceVerifying],
  ['wasm without tables', wasmVerifying(wasm, { tablesMax: 0 })],
  ['wasm with tables', wasmVerifying(openGmWasm() ?? wasm, { promoteAfter: 0 })],
]

const openssl = await loadOpensslSigning(referenceMultiplying)

export const signBackends: readonly (readonly [string, Sm2Signing])[] = [
  ['js', referenceSigning(randomBytes)],
  ['wasm', wasmSigning(wasm, randomBytes)],
  ...(openssl === undefined ? [] : [['openssl', openssl] as const]),
]

export const multiplyBackends: readonly (readonly [string, Sm2Multiplying])[] = [
  ['js', referenceMultiplying],
  ['wasm', wasmMultiplying(wasm)],
]
