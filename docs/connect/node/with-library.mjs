// The same with the client library: npm install zhengqiao (Node 20 or newer).
//   ZQ_URL=… ZQ_KEY=… ZQ_OPERATOR=… ZQ_TRUST=… node with-library.mjs CASE-ID MATERIAL…
// It signs, repeats what is worth repeating, checks receipt and credentials of every answer against the
// trust folder (anchors, CRLs, the gateway's gateway.vkey), and keeps its own chain in chain.json.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import {
  chainFile,
  createZhengqiaoClient,
  loadClientTrust,
  ProblemError,
  readKeyFolder,
} from 'zhengqiao/client'

const { ZQ_URL, ZQ_KEY, ZQ_OPERATOR, ZQ_TRUST } = process.env
const client = createZhengqiaoClient({
  publicUrl: ZQ_URL,
  key: await readKeyFolder(ZQ_KEY),
  operatorId: ZQ_OPERATOR,
  trust: await loadClientTrust(ZQ_TRUST),
  chain: chainFile('chain.json'),
  now: () => new Date(),
  randomBytes,
})

const [caseId, ...codes] = process.argv.slice(2)
try {
  const check = await client.cases.check(caseId)
  await writeFile('check.json', check.receiptFile)
  for (const { code, state, messageZh } of check.data.materials) console.log(code, state, messageZh)

  const fetched = await client.cases.fetch(caseId, { materials: codes.map((code) => ({ code })) })
  await writeFile('fetch.json', fetched.receiptFile)
  for (const { code, state, licence } of fetched.data.materials)
    console.log(code, state, ...Object.keys(licence?.fields ?? {}))
  console.log('receipt', fetched.receipt.no)
} catch (error) {
  if (!(error instanceof ProblemError)) throw error
  console.error(`${error.code}: ${error.detail} (requestId ${error.requestId})`)
  process.exitCode = 1
}
