// A process of its own for embedded-postgres.test.ts: holds the server of a data folder until its stdin
// ends, then leaves in good order; the test may also kill it.
import process from 'node:process'
import { startEmbedded } from '../../src/store/embedded-postgres.ts'

const [, , dataDir, optionsText = '{}'] = process.argv
if (dataDir === undefined) throw new Error('usage: hold-server DATA_DIR [OPTIONS]')
const options: unknown = JSON.parse(optionsText)
try {
  const server = await startEmbedded({ dataDir, ...(typeof options === 'object' ? options : {}) })
  process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
  process.stdin.on('end', () => void server.close()).resume()
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`)
}
