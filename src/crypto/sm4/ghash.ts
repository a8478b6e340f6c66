import { GHASH } from '@noble/ciphers/_polyval.js'
import { blocksBytes, type GmWasm } from '../wasm/gm-wasm.ts'

/** GHASH (NIST SP 800-38D §6.4) of texts that are each padded with zeros to whole blocks of 16. */
export type Ghash = (key: Uint8Array, texts: readonly Uint8Array[]) => Uint8Array

/** In WebAssembly: no tables, no branches on data. */
export const wasmGhash =
  (wasm: GmWasm): Ghash =>
  (key, texts) => {
    const io = wasm.io()
    io.fill(0, 0, 16)
    io.set(key, 16)
    let filled = 0
    for (const piece of piecesOf(texts)) {
      if (filled + paddedLength(piece) > blocksBytes) {
        wasm.exports.ghash(filled / 16)
        filled = 0
      }
      wasm.blocks().set(piece, filled)
      wasm.blocks().fill(0, filled + piece.length, filled + paddedLength(piece))
      filled += paddedLength(piece)
    }
    wasm.exports.ghash(filled / 16)
    const state = io.slice(0, 16)
    io.fill(0)
    return state
  }

/** In JavaScript, with tables made of the key: not constant-time. */
export const tableGhash: Ghash = (key, texts) => {
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  const ghash = new GHASH(Uint8Array.from(key), length)
  // Each update is padded by itself.
  for (const text of texts) ghash.update(text)
  return ghash.digest()
}

const paddedLength = (text: Uint8Array): number => Math.ceil(text.length / 16) * 16

const piecesOf = function* (texts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const text of texts)
    for (let at = 0; at < text.length; at += blocksBytes) yield text.subarray(at, at + blocksBytes)
}
