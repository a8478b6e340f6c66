import type { LicenceStatus } from '../licences/licence.ts'

/** What is compared about one paper; `status` on the city's day. */
export type PaperFacts = {
  readonly version: string
  readonly issuedAt: string
  readonly status: LicenceStatus
  readonly validTo: string | null
}

export type Preference = {
  readonly source: 'stock' | 'hall'
  /** What the two disagree about; empty when they agree. Opens a data-quality row. */
  readonly differs: readonly ('version' | 'issued_at' | 'status' | 'valid_to')[]
}

/** Ends that a department has declared; only a newer paper outweighs one of these. */
const declaredEnds: readonly LicenceStatus[] = [
  'suspended',
  'revoked',
  'cancelled',
  'void_error',
  'changed',
  'transferred_out',
]

/**
 * Stock and hall about the same paper: the newer version wins. Of the same version it is the hall's
 * answer, which is of now, unless the department has ended the copy in stock.
 */
export const preferNewer = (stock: PaperFacts, hall: PaperFacts): Preference => {
  const differs = [
    ...(stock.version === hall.version ? [] : (['version'] as const)),
    ...(stock.issuedAt === hall.issuedAt ? [] : (['issued_at'] as const)),
    ...(stock.status === hall.status ? [] : (['status'] as const)),
    ...(stock.validTo === hall.validTo ? [] : (['valid_to'] as const)),
  ]
  const order = compare(stock, hall)
  const isStocks = order > 0 || (order === 0 && declaredEnds.includes(stock.status))
  return { source: isStocks ? 'stock' : 'hall', differs }
}

/** Above 0 when the first is the newer paper. */
const compare = (one: PaperFacts, other: PaperFacts): number => {
  if (one.version !== other.version) return one.version > other.version ? 1 : -1
  if (one.issuedAt === other.issuedAt) return 0
  return one.issuedAt > other.issuedAt ? 1 : -1
}
