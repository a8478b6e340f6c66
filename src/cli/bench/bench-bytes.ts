import type { Bench } from './bench.ts'

export const benchBytes: Bench = async () => {
  throw new Error('later')
}
