import type { Licence } from '../licences/licence.ts'
import type { HallLicence } from './hall-contract.ts'

export type StockCopy = Pick<Licence, 'version' | 'issuedAt' | 'status' | 'validTo'>

export type Preference = {
  readonly source: 'stock' | 'hall'
  /** What the two disagree about; empty when they agree. Opens a data-quality row. */
  readonly differs: readonly ('version' | 'issued_at' | 'status' | 'valid_to')[]
}

/**
 * Stock and hall about the same paper: the newer version wins, of the same version the hall's answer,
 * which is of now.
 */
export const preferNewer = (stock: StockCopy, hall: HallLicence): Preference => {
  const differs = [
    ...(stock.version === hall.version ? [] : (['version'] as const)),
    ...(stock.issuedAt === hall.issuedAt ? [] : (['issued_at'] as const)),
    ...(stock.status === hall.status ? [] : (['status'] as const)),
    ...(stock.validTo === hall.validTo ? [] : (['valid_to'] as const)),
  ]
  const isStockNewer =
    stock.version > hall.version ||
    (stock.version === hall.version && stock.issuedAt > hall.issuedAt)
  return { source: isStockNewer ? 'stock' : 'hall', differs }
}
