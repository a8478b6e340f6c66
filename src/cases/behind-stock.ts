import type { LicenceType } from '../catalogue/licence-type.ts'
import type { HallConnection } from '../halls/hall-connection.ts'
import type { AssessedMaterial } from './assess-materials.ts'
import type { StockStanding } from './stock-standing.ts'

/** A material with a hall behind it, and how far stock goes. */
export type BehindStock = {
  readonly entry: AssessedMaterial
  readonly connection: HallConnection
  readonly type: LicenceType
  readonly standing: StockStanding
  /** The hall's paper that the clerk chose. */
  readonly candidateId?: string
}
