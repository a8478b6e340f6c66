// The table of routes × refusals: `npm run -s refusals` prints it as Markdown, `-- --json` as data.
import process from 'node:process'
import { allEndpoints } from '../all-endpoints.ts'
import { refusalTable, renderMatrix } from './refusal-table.ts'

const table = refusalTable(allEndpoints)
const isJson = process.argv.includes('--json')
process.stdout.write(`${isJson ? JSON.stringify(table) : renderMatrix(table)}\n`)
