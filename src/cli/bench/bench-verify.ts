import type { Bench } from './bench.ts'

export const benchVerify: Bench = async () => {
  throw new Error('later')
}
