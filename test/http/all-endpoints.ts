import { accessEndpoints } from '../../src/access/routes.ts'
import { caseEndpoints } from '../../src/cases/routes.ts'
import { catalogueEndpoints } from '../../src/catalogue/routes.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { hallEndpoints } from '../../src/halls/routes.ts'
import { ledgerEndpoints } from '../../src/ledger/routes.ts'
import { stockEndpoints } from '../../src/stock/routes.ts'
import { verificationEndpoints } from '../../src/verification/routes.ts'
import type { Tx } from '../../src/store/in-transaction.ts'

/** Endpoints are data; nothing behind them is called. */
const nothing = {} as never

/** The endpoints of the rooms, for what is made of their descriptions. */
export const allEndpoints: readonly Endpoint<Tx>[] = [
  ...stockEndpoints(nothing),
  ...catalogueEndpoints(nothing),
  ...caseEndpoints(nothing),
  ...hallEndpoints(nothing),
  ...ledgerEndpoints(nothing),
  ...accessEndpoints(nothing),
  ...verificationEndpoints(nothing),
]
