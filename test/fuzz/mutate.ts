/** A small deterministic generator (mulberry32): the same seed gives the same inputs. */
export const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

type Random = ReturnType<typeof randomFrom>
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer

const position = (bytes: Buffer, random: Random): number => random(Math.max(1, bytes.length))

const interesting = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x30, 0x31, 0xa0, 0xa3, 0x06]

const mutations: readonly Mutation[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes)
    const at = position(copy, random)
    copy[at] = (copy[at] ?? 0) ^ (1 << random(8))
    return copy
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes)
    copy[position(copy, random)] = interesting[random(interesting.length)] ?? 0
    return copy
  },
  (bytes, random) => bytes.subarray(0, position(bytes, random)),
  (bytes, random) => {
    const at = position(bytes, random)
    const added = Buffer.alloc(1 + random(8), interesting[random(interesting.length)] ?? 0)
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)])
  },
  (bytes, random) => {
    const at = position(bytes, random)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(16))])
  },
  (bytes, random, other) => {
    const at = position(bytes, random)
    return Buffer.concat([bytes.subarray(0, at), other.subarray(position(other, random))])
  },
  (bytes, random) => {
    const at = position(bytes, random)
    const part = bytes.subarray(at, at + 1 + random(64))
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at + part.length)])
  },
]

/** One to four changes to one of the seeds. */
export const mutate = (seeds: readonly Buffer[], random: Random): Buffer => {
  const pick = (): Buffer => seeds[random(seeds.length)] ?? Buffer.alloc(0)
  let bytes = pick()
  for (let left = 1 + random(4); left > 0; left--) {
    bytes = mutations[random(mutations.length)]?.(bytes, random, pick()) ?? bytes
  }
  return bytes
}
