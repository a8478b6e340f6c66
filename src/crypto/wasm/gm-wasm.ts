import { numberToBytes, sm2Curve } from '../sm2/curve.ts'
import { gmWasmBase64 } from './gm-wasm-bytes.ts'

/** What assembly/index.ts exports; numbers pass through memory, 32 bytes big-endian each. */
type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly io: () => number
  readonly blocks: () => number
  readonly start: () => number
  readonly buildKey: (slot: number) => number
  readonly verify: (slot: number) => number
  readonly sign: () => number
  readonly prepareKey: () => number
  readonly multiply: () => number
  readonly ghash: (blocks: number) => void
}

/** The part of the WebAssembly interface that is used; TypeScript has it in its DOM types only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports }
}

/** Offsets of the numbers in `io` (assembly/layout.ts). */
export const ioAt = {
  digest: 0,
  signature: 32,
  s: 64,
  point: 96,
  scalar: 160,
  factor: 192,
  end: 224,
} as const

export type GmWasm = {
  readonly exports: Exports
  /** Views of the memory as it is now; a view dies when the memory grows. */
  readonly io: () => Uint8Array
  readonly blocks: () => Uint8Array
}

export const blocksBytes = 32_768

/** The module with the tables of G, in about 10 ms; undefined where Node runs without WebAssembly. */
export const openGmWasm = (): GmWasm | undefined => {
  if (!('WebAssembly' in globalThis)) return undefined
  const module = new WebAssembly.Module(Buffer.from(gmWasmBase64, 'base64'))
  const { exports } = new WebAssembly.Instance(module, {})
  const io = viewer(exports, exports.io(), ioAt.end)
  io().set([...numberToBytes(sm2Curve.Gx), ...numberToBytes(sm2Curve.Gy)], ioAt.point)
  if (exports.start() === 0) throw new RangeError('no memory for the tables of SM2')
  return { exports, io, blocks: viewer(exports, exports.blocks(), blocksBytes) }
}

const viewer = (exports: Exports, offset: number, length: number): (() => Uint8Array) => {
  let view = new Uint8Array(0)
  return () => {
    if (view.length === 0) view = new Uint8Array(exports.memory.buffer, offset, length)
    return view
  }
}
