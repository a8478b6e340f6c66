import { listLicenceTypes } from '../catalogue/catalogue-store.ts'
import type { CityDate } from '../contract/clock.ts'
import type { People } from '../licences/synthetic-holder.ts'
import type { StockDb } from './batch-store.ts'
import { createGbkTest } from './rules/gbk-characters.ts'
import type { RowContext } from './rules/row.ts'

/** A constant table, built once. */
const isInGbk = createGbkTest()

/** What rows of one department are judged against on a city day. */
export const readRowContext = async (
  db: StockDb,
  issuerCode: string,
  {
    typeCodes,
    cityDate,
    people,
  }: {
    readonly typeCodes: readonly string[] | null
    readonly cityDate: CityDate
    readonly people: People | undefined
  },
): Promise<RowContext> => {
  const published = (await listLicenceTypes(db)).filter(({ status }) => status === 2)
  return {
    issuerCode,
    types: new Map(published.map((type) => [type.typeCode, type])),
    typeCodes: typeCodes === null ? undefined : new Set(typeCodes),
    cityDate,
    isInGbk,
    ...(people === undefined ? {} : { people }),
  }
}
