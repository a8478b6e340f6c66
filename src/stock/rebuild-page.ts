import { assembleCredential } from '../licences/assemble-credential.ts'
import {
  type BatchLicence,
  type LicenceRange,
  readBatchLicences,
} from '../licences/batch-licence-store.ts'
import type { CredentialIssuer } from '../licences/credential.ts'
import { contentOf } from '../licences/licence-content.ts'
import { seriesText } from '../licences/licence-index.ts'
import { openSecretPart } from '../licences/secret-part.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { Store } from '../store/open-store.ts'
import { inPageTransaction } from './batch-store.ts'
import type { RowToSign } from './stock-deps.ts'

/** A licence of a batch with the credential that was fixed at validation. */
export type RebuiltLicence = RowToSign & {
  readonly licence: BatchLicence
  /** Keyed hashes of the identifier's series, current key first. */
  readonly series: readonly Uint8Array[]
}

export type RebuildDeps = {
  readonly store: Pick<Store, 'db'>
  readonly keys: Pick<DataKeys, 'open' | 'indexAll'>
  readonly issuer: CredentialIssuer
}

const pageRows = 500

/** The next page of a batch's credentials after a licence, in (chunk, line) order; empty at the end. */
export const rebuildPage = async (
  { store, keys, issuer }: RebuildDeps,
  range: LicenceRange,
  after: string | null,
): Promise<readonly RebuiltLicence[]> => {
  const licences = await inPageTransaction(store, (tx) =>
    readBatchLicences(tx, range, after, pageRows),
  )
  return licences.map((licence) => {
    const { chunk, line, claims, certificateId } = licence
    const row = { licenceId: claims.licenceId, version: claims.version, certificateId }
    const { disclosures } = openSecretPart(keys, row, licence)
    const { identifier } = contentOf(disclosures)
    return {
      chunk,
      line,
      ...assembleCredential(issuer, claims, disclosures),
      licence,
      series: keys.indexAll('identifier', seriesText(identifier)).map(({ index }) => index),
    }
  })
}

/** All credentials of a batch as its signer needs them, one page in memory at a time. */
export async function* rowsToSign(
  deps: RebuildDeps,
  range: LicenceRange,
): AsyncGenerator<RowToSign> {
  for (let after: string | null = null; ;) {
    const page = await rebuildPage(deps, range, after)
    for (const { chunk, line, signingInput, disclosures } of page) {
      yield { chunk, line, signingInput, disclosures }
    }
    const last = page.at(-1)
    if (last === undefined) return
    after = last.licence.claims.licenceId
  }
}
