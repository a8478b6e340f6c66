import { randomBytes } from 'node:crypto'
import { createDataKeys, loadDataKeys } from '../../src/store/data-keys.ts'
import type { DataKeys } from '../../src/store/data-keys.ts'

/** Fresh data keys for one test file. */
export const testDataKeys = (): DataKeys => loadDataKeys(createDataKeys(randomBytes))
