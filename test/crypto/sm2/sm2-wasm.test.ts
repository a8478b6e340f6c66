import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createPlainSm2Engine } from '../../../src/crypto/sm2/open-engine.ts'
import { openGmWasm } from '../../../src/crypto/wasm/gm-wasm.ts'
import { wasmVerifying } from '../../../src/crypto/sm2/wasm-verifying.ts'
import { identityDigest } from '../../../src/crypto/sm2/message-digest.ts'
import { wasm } from './backends.ts'

/** Compiles the sources anew; fails unless the bytes are those that are committed. Answers the text. */
const compileAndCompare = async (): Promise<string> => {
  const options = { maxBuffer: 1 << 26 }
  const command = ['assembly/build.mjs', '--check', '--text']
  return (await promisify(execFile)('node', command, options)).stdout
}

type Shape = { loops: number; conditions: number; selects: number; calls: readonly string[] }

const unknownFunction: Shape = { loops: 0, conditions: 0, selects: 1, calls: [] }

const count = (text: string, word: RegExp): number => text.match(word)?.length ?? 0

/** The control flow of each function in WebAssembly text. */
const readFunctions = (wat: string): ReadonlyMap<string, Shape> =>
  new Map(
    wat.split(/\n (?=\(func )/).map((text) => [
      /^\(func (\S+)/.exec(text)?.[1] ?? '',
      {
        loops: count(text, /^ *\(?loop\b/gm),
        conditions: count(text, /^ *\(?(if|br_if|br_table)\b/gm),
        selects: count(text, /^ *\(?(select|i\d\d\.(div|rem)_[su]|call_indirect)\b/gm),
        calls: [...text.matchAll(/^ *\(?call (\S+)/gm)].map(([, name]) => name ?? ''),
      },
    ]),
  )

const reachable = (
  functions: ReadonlyMap<string, Shape>,
  roots: readonly string[],
): ReadonlySet<string> => {
  const seen = new Set(roots)
  for (const name of seen) for (const called of functions.get(name)?.calls ?? []) seen.add(called)
  return seen
}

describe('the WebAssembly module', () => {
  // Each loop has one condition, on a counter. What is over: the bits and limb lengths of the public
  // exponent n-2 in prepareKey, and addCached's flag, which the secret path passes as a constant.
  it('is what the sources compile to, without branch or division on a secret', async () => {
    const functions = readFunctions(await compileAndCompare())
    const reached = reachable(functions, ['$sign/sign', '$sign/prepareKey', '$sign/multiply'])
    expect(reached.size).toBeGreaterThan(25)
    const over = [...reached].flatMap((name) => {
      const { loops, conditions, selects } = functions.get(name) ?? unknownFunction
      const excess = conditions - loops
      return selects > 0 || excess > 0 ? [[name, selects, excess]] : []
    })
    expect(over.sort()).toEqual([
      ['$point/addCached', 0, 1],
      ['$sign/prepareKey', 1, 1],
    ])
  }, 120_000)

  it('keeps nothing of a secret in its memory', () => {
    const engine = createPlainSm2Engine({ random: randomBytes, wasm })
    const key = engine.generateKey()
    engine.sign(key, Buffer.from('message'))
    const memory = Buffer.from(wasm.exports.memory.buffer)
    const secret = Buffer.from(key.secret)
    expect(memory.includes(secret)).toBe(false)
    expect(memory.includes(Buffer.from(secret).reverse())).toBe(false)
    expect(wasm.io().every((byte) => byte === 0)).toBe(true)
  })
})

describe('tables of known keys', () => {
  it('may come and go without any verdict changing', () => {
    const own = openGmWasm()
    if (own === undefined) throw new Error('no WebAssembly')
    const engine = createPlainSm2Engine({ random: randomBytes, wasm: own })
    const verifying = wasmVerifying(own, { tablesMax: 2, promoteAfter: 1, keysMax: 4 })
    const keys = Array.from({ length: 6 }, () => engine.generateKey())
    for (let round = 0; round < 60; round++) {
      const key = keys[(round * 7 + (round >> 3)) % keys.length] ?? keys[0]
      const other = keys[(round + 1) % keys.length] ?? keys[0]
      if (key === undefined || other === undefined) throw new Error('no key')
      const message = randomBytes(20)
      const signature = engine.sign(key, message)
      const digestOf = (who: typeof key) =>
        engine.isSigned({ key: who.publicKey, message, signature })
      expect(digestOf(key)).toBe(true)
      const digest = identityDigest(key.publicKey, message)
      const sign = engine.backends.signing.openKey(key.secret)
      expect(verifying.isSigned(key.publicKey, digest, sign(digest))).toBe(true)
      if (other !== key)
        expect(verifying.isSigned(other.publicKey, digest, sign(digest))).toBe(false)
    }
  })
})
