import type { OpenAdapter } from '../src/halls/adapter.ts'
import { openHousingFund } from './housing-fund/adapter.ts'
import { openLand } from './land/adapter.ts'
import { openPolice } from './police/adapter.ts'
import { openSocialSecurity } from './social-security/adapter.ts'

/** Adapters by the `department` of a hall's configuration; a new department is one folder and one line. */
export const departments: ReadonlyMap<string, OpenAdapter> = new Map([
  ['social-security', openSocialSecurity],
  ['police', openPolice],
  ['land', openLand],
  ['housing-fund', openHousingFund],
])
