import { readCertificateHead } from '../crypto/cms/certificate-head.ts'
import { createKeyCache } from '../crypto/key-cache.ts'
import type { Signer } from '../crypto/signer.ts'
import { verifySignature, type VerifyContext } from '../crypto/verify-signature.ts'
import type { SigningCertificate } from '../licences/signing-certificate.ts'
import type { RowSignature, RowToSign } from './stock-deps.ts'

/** Signs the rows of a batch page by page, in order. */
export type PageSigner = {
  readonly sign: (rows: readonly RowToSign[]) => Promise<readonly Uint8Array[]>
  /** Ends the exchange. @throws WrongSignatureError when more was signed than was asked */
  readonly end: () => Promise<void>
}

/** A department's signer answered for other rows, or with a signature that does not verify. */
export class WrongSignatureError extends Error {
  override readonly name = 'WrongSignatureError'
}

/** The gateway's own custody of a department's key, for demos and pilots. */
export const custodyPageSigner = (signer: Signer): PageSigner => ({
  sign: (rows) =>
    Promise.all(rows.map(({ signingInput }) => signer.sign(Buffer.from(signingInput, 'ascii')))),
  end: async () => undefined,
})

/**
 * Takes a department's signatures off its signer's answer. Each is verified: what reaches the store is
 * what the certificate in the credential vouches for. `skip` signatures were stored by an earlier run.
 */
export const departmentPageSigner = async (
  { alg, chain }: Pick<SigningCertificate, 'alg' | 'chain'>,
  answer: AsyncIterable<RowSignature>,
  { skip, signatures: known }: { readonly skip: number; readonly signatures: VerifyContext },
): Promise<PageSigner> => {
  const signatures = answer[Symbol.asyncIterator]()
  const spki = spkiOf(chain)
  const context = { keys: createKeyCache(), ...known }
  for (let at = 0; at < skip; at++) await signatures.next()
  const signOne = async (row: RowToSign): Promise<Uint8Array> => {
    const next = await signatures.next()
    if (next.done === true || next.value.chunk !== row.chunk || next.value.line !== row.line) {
      throw new WrongSignatureError('an answer for another row')
    }
    const { signature } = next.value
    const bytes = Buffer.from(row.signingInput, 'ascii')
    if (!verifySignature({ alg, spki, bytes, signature }, context)) {
      throw new WrongSignatureError('a signature that does not verify')
    }
    return signature
  }
  return {
    sign: async (rows) => {
      const signed: Uint8Array[] = []
      for (const row of rows) signed.push(await signOne(row))
      return signed
    },
    end: async () => {
      const next = await signatures.next()
      if (next.done !== true) throw new WrongSignatureError('more signatures than rows')
    },
  }
}

const spkiOf = ([leaf]: readonly Uint8Array[]): Uint8Array => {
  if (leaf === undefined) throw new RangeError('a certificate without chain')
  return readCertificateHead(leaf).spki
}
