import { join } from 'node:path'
import { LineTooLongError, readLines } from '../client/read-lines.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { credentialHeader } from '../crypto/issue-sd-jwt.ts'
import { digestNameOf } from '../crypto/signer.ts'
import { signSingles } from './sign-singles.ts'
import type { SignOrderDeps } from './sign-order-deps.ts'
import { SignerError } from './signer-error.ts'
import type { SignerFolder } from './signer-folder.ts'
import { readSpool, removeSpool, type SpooledRow, spoolRows } from './spool-rows.ts'
import { verifyOrder } from './verify-order.ts'

const lineBytesMax = 512 * 1024
const signAtOnce = 64

/**
 * Reads an order and its rows, checks all of it, writes the order into the list, and only then hands out
 * the signatures, line by line.
 * @throws SignerError before the first line
 */
export const signOrder = async (
  deps: SignOrderDeps,
  request: AsyncIterable<Uint8Array>,
): Promise<{
  readonly answer: AsyncIterable<string>
  readonly end: () => Promise<void>
}> => {
  const { folder, list, now } = deps
  if (now >= folder.notAfter) throw new SignerError('own_certificate', 'it has ended')
  const { alg, chain } = folder.signer
  const header = credentialHeader(alg, chain)
  const own = { header, issuer: folder.issuer, digestName: digestNameOf(alg) }
  const spool = join(folder.dir, 'spool', deps.requestName)
  const lines = readLines(request, lineBytesMax)
  try {
    const first = await lines.next()
    if (first.done === true) throw new SignerError('order_malformed', 'the request is empty')
    if (isStanding(first.value)) {
      const answer = await signSingles(deps, own, { first: first.value, rows: lines })
      return { answer: once(answer), end: async () => undefined }
    }
    const order = verifyOrder(first.value, folder, now)
    await spoolRows(spool, order, lines, own)
    await list.append(order, now)
  } catch (error) {
    await removeSpool(spool)
    if (!(error instanceof LineTooLongError)) throw error
    throw new SignerError('row_malformed', 'a line is too long', error)
  }
  return { answer: signatures(folder, header, spool), end: () => removeSpool(spool) }
}

const isStanding = (line: Uint8Array): boolean =>
  Buffer.from(line.subarray(0, 20)).toString('latin1').startsWith('{"standingOrder"')

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

async function* signatures(
  { signer }: SignerFolder,
  header: string,
  spool: string,
): AsyncGenerator<string> {
  const signOne = async ({ chunk, line, payload }: SpooledRow): Promise<string> => {
    const signature = await signer.sign(Buffer.from(`${header}.${payload}`, 'ascii'))
    return `${JSON.stringify({ chunk, line, signature: encodeBase64Url(signature) })}\n`
  }
  let waiting: SpooledRow[] = []
  for await (const row of readSpool(spool)) {
    waiting.push(row)
    if (waiting.length < signAtOnce) continue
    yield (await Promise.all(waiting.map(signOne))).join('')
    waiting = []
  }
  yield (await Promise.all(waiting.map(signOne))).join('')
}
