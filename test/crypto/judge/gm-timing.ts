// Looks for a dependence of time on secrets (Reparaz et al., "Dude, is my code constant time?"): one class
// of fixed, one of random secrets, in random order, and Welch's t over the fastest nine tenths.
// |t| above 4.5 would show a leak; below, it shows that this many samples found none.
//   npx tsx test/crypto/judge/gm-timing.ts [samples, 200000]
import { randomBytes } from 'node:crypto'
import { numberToBytes, sm2Curve } from '../../../src/crypto/sm2/curve.ts'
import { openGmCrypto } from '../../../src/crypto/provider/gm-crypto.ts'
import { attempt, wasmMultiplying } from '../../../src/crypto/sm2/wasm-secrets.ts'
import { openGmWasm } from '../../../src/crypto/wasm/gm-wasm.ts'

const samples = Number(process.argv[2] ?? 200_000)
const wasm = openGmWasm()
if (wasm === undefined) throw new Error('this Node has no WebAssembly')
const { sm2 } = await openGmCrypto({ random: randomBytes })
const digest = randomBytes(32)
const factor = randomBytes(32)
factor[0] = 1
const point = sm2.generateKey().publicKey
const { multiply } = wasmMultiplying(wasm)

const fixed = {
  'a small number': numberToBytes(3n),
  'a number near the order': numberToBytes(sm2Curve.n - 2n),
  'many zeros': numberToBytes(1n << 254n),
} as const

type Work = (secret: Uint8Array) => unknown

/** Secrets of both classes, made before anything is timed; the class is known to the counter only. */
const drawSecrets = (secret: Uint8Array, count: number) =>
  Array.from({ length: count }, () => {
    const drawn = Uint8Array.from(randomBytes(33))
    const kind = ((drawn[0] ?? 0) & 1) === 0 ? 'fixed' : 'random'
    const own = drawn.slice(1)
    own[0] = (own[0] ?? 0) & 0x7f
    if (kind === 'fixed') own.set(secret)
    return { kind, own } as const
  })

const measure = (work: Work, secret: Uint8Array, count: number): number => {
  const times = { fixed: new Array<number>(), random: new Array<number>() }
  for (const { kind, own } of drawSecrets(secret, count)) {
    const start = process.hrtime.bigint()
    work(own)
    times[kind].push(Number(process.hrtime.bigint() - start))
  }
  return welch(fastest(times.fixed), fastest(times.random))
}

const fastest = (times: readonly number[]): readonly number[] =>
  [...times].sort((a, b) => a - b).slice(0, Math.floor(times.length * 0.9))

const welch = (a: readonly number[], b: readonly number[]): number => {
  const [x, y] = [moments(a), moments(b)]
  return (x.mean - y.mean) / Math.sqrt(x.variance / a.length + y.variance / b.length)
}

const moments = (values: readonly number[]): { mean: number; variance: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, variance }
}

const works: readonly (readonly [string, Work, number])[] = [
  ['signing, nonce', (secret) => attempt(wasm, factor, digest, secret), samples],
  ['signing, key', (secret) => attempt(wasm, secret, digest, Uint8Array.from(factor)), samples],
  // Does the same work whatever it is handed: the t that noise alone makes here.
  ['control', () => attempt(wasm, factor, digest, Uint8Array.from(factor)), samples],
  ['multiplying', (secret) => multiply(secret, point), Math.ceil(samples / 4)],
]

for (const [name, work, count] of works)
  for (const [kind, secret] of Object.entries(fixed)) {
    measure(work, secret, 2000)
    const t = measure(work, secret, count).toFixed(2)
    process.stdout.write(`${name}, ${kind} against random: t = ${t} of ${String(count)}\n`)
  }
