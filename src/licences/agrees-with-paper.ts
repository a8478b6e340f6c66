import type { Json } from '../contract/endpoint.ts'
import { foldNumber } from './fold-name.ts'
import { toHalfWidth } from './half-width.ts'

/** What somebody reads off a paper licence. */
export type PaperDetails = { readonly number: string; readonly address: string }

/**
 * Whether a licence has this number, and this address in one of its address fields. Brackets, width and
 * spaces are folded; anything else must be the same.
 */
export const agreesWithPaper = (
  fields: { readonly [key: string]: Json },
  addressKeys: readonly string[],
  paper: PaperDetails,
): boolean => {
  const { number } = fields
  const sameNumber = typeof number === 'string' && foldNumber(number) === foldNumber(paper.number)
  const sameAddress = addressKeys.some((key) => {
    const address = fields[key]
    return typeof address === 'string' && foldAddress(address) === foldAddress(paper.address)
  })
  return sameNumber && sameAddress
}

const foldAddress = (address: string): string => toHalfWidth(address).replaceAll(/\s/gu, '')
