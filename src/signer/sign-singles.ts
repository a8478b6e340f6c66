import { cityDateOf } from '../contract/clock.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { leafHash } from '../crypto/merkle.ts'
import { type CheckedRow, checkRow, type OwnCredentials } from './check-row.ts'
import type { SignOrderDeps } from './sign-order-deps.ts'
import { SignerError } from './signer-error.ts'
import { verifyStandingOrder } from './verify-standing-order.ts'

const singlesMax = 100

/**
 * Signs a few licences under a standing order: only its types, and no more a day than it says. Each stands
 * in the list before its signature leaves.
 * @throws SignerError
 */
export const signSingles = async (
  { folder, list, now }: Omit<SignOrderDeps, 'requestName'>,
  own: OwnCredentials,
  { first, rows }: { readonly first: Uint8Array; readonly rows: AsyncIterable<Uint8Array> },
): Promise<string> => {
  const order = verifyStandingOrder(first, folder, now)
  const checked: CheckedRow[] = []
  for await (const bytes of rows) {
    if (checked.length === singlesMax) throw new SignerError('rows_mismatch', 'too many rows')
    const row = checkRow(bytes, own)
    if (!order.typeCodes.includes(row.typeCode)) {
      throw new SignerError('row_type', 'a type that the order does not name')
    }
    checked.push(row)
  }
  if (checked.length === 0) throw new SignerError('rows_mismatch', 'no rows')
  const entries = checked.map(({ licenceId, signingInput }) => ({
    licenceId,
    leaf: encodeBase64Url(leafHash(Buffer.from(signingInput, 'ascii'), own.digestName)),
  }))
  const day = cityDateOf(now)
  if (!(await list.appendSingles({ order, entries, day, now }))) {
    throw new SignerError('order_used_up', 'the day’s number is used up')
  }
  const lines = await Promise.all(
    checked.map(async ({ chunk, line, signingInput }) => {
      const signature = await folder.signer.sign(Buffer.from(signingInput, 'ascii'))
      return `${JSON.stringify({ chunk, line, signature: encodeBase64Url(signature) })}\n`
    }),
  )
  return lines.join('')
}
