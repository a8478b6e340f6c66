import { asId, type ReceiptNo } from '../contract/ids.ts'
import { isUuid, type RandomBytes } from '../contract/uuid.ts'
import { encodeBase64Url } from '../crypto/base64url.ts'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { digest, type DigestName } from '../crypto/digest.ts'
import type { DataKeys } from '../store/data-keys.ts'
import type { SearchColumns } from './event.ts'
import type { Companion, Filing, Nonce, Receipt } from './filing.ts'
import { encodeKeptRequest } from './kept-request.ts'
import { packEvent, unpackEvent } from './pack-event.ts'

/** Bytes of an event and of its salt: what a commitment opens to. */
export type OpenedEvent = { readonly event: Uint8Array; readonly salt: Uint8Array }

export type SealedBlob = { readonly blob: Uint8Array; readonly keyId: string }

/** One event as the tables hold it: committed to and encrypted. */
export type StoredEvent = {
  readonly no: ReceiptNo
  readonly entry: Uint8Array
  readonly sealed: SealedBlob
  readonly search: SearchColumns
}

export type PreparedFiling = StoredEvent & {
  readonly opened: OpenedEvent
  readonly nonce: Nonce | undefined
  readonly request: SealedBlob | undefined
  readonly companions: readonly Companion[]
}

/**
 * Draws the salt, commits to the event and encrypts what is kept.
 * @throws RangeError when an id cannot stand in its search column
 */
export const prepareFiling = (
  filing: Filing,
  keys: Pick<DataKeys, 'seal'>,
  random: RandomBytes,
  name: DigestName = 'sha-256',
): PreparedFiling => {
  requireUuids(filing.search)
  const opened = { event: Buffer.from(canonicalJson(filing.event)), salt: random(32) }
  return {
    no: filing.no,
    entry: entryOf(opened, name),
    sealed: keys.seal(
      Buffer.concat([opened.salt, packEvent(opened.event)]),
      context('event', filing.no),
    ),
    search: filing.search,
    opened,
    nonce: filing.nonce,
    request: filing.request && sealRequest(filing.request, filing.no, keys),
    companions: filing.companions ?? [],
  }
}

/** H(salt ‖ event): the log's entry, from which nobody can guess the event. */
export const entryOf = ({ event, salt }: OpenedEvent, name: DigestName = 'sha-256'): Uint8Array =>
  digest(name, Buffer.concat([salt, event]))

/** @throws CryptoError when the stored bytes were altered or belong to another receipt */
export const openEvent = (
  sealed: SealedBlob,
  no: ReceiptNo,
  keys: Pick<DataKeys, 'open'>,
): OpenedEvent => {
  const bytes = keys.open(sealed.blob, sealed.keyId, context('event', no))
  return { salt: bytes.subarray(0, 32), event: unpackEvent(bytes.subarray(32)) }
}

export const receiptOf = (no: ReceiptNo, opened: OpenedEvent, proof: string): Receipt => ({
  no: asId<ReceiptNo>(no),
  event: encodeBase64Url(opened.event),
  salt: encodeBase64Url(opened.salt),
  proof,
})

/** Binds a blob to its receipt and its column, so that stored blobs cannot be exchanged. */
export const context = (kind: 'event' | 'request', no: ReceiptNo): Uint8Array =>
  Buffer.from(`ledger.${kind}|${no}`)

const sealRequest = (
  request: NonNullable<Filing['request']>,
  no: ReceiptNo,
  keys: Pick<DataKeys, 'seal'>,
): SealedBlob => keys.seal(encodeKeptRequest(request), context('request', no))

const requireUuids = ({ caseId, licenceIds }: SearchColumns): void => {
  const ids = caseId === undefined ? licenceIds : [caseId, ...licenceIds]
  if (!ids.every(isUuid)) throw new RangeError('case and licence ids of an event are UUIDs')
}
