import { canonicalJson } from '../crypto/canonical-json.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { digestText } from '../crypto/digest.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import { parseReceiptNo } from '../ledger/receipt-no.ts'
import { broken, judged, passed, skipped } from './finding.ts'
import type { Finding } from './report.ts'

/** The event, if its bytes are exactly the canonical form of a JSON object. */
export const readEvent = (bytes: Uint8Array): JsonObject | undefined => {
  try {
    const event = parseJson(bytes)
    const isCanonical = Buffer.from(canonicalJson(event)).equals(bytes)
    return isCanonical && isJsonObject(event) ? event : undefined
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}

/** Number, and digest of the answer where that is at hand. */
export const judgeEvent = (
  event: JsonObject,
  no: string,
  answer: JsonValue | undefined,
): readonly Finding[] => [
  passed('event_canonical'),
  judged(parseReceiptNo(no) !== undefined, 'receipt_number', 'FORMAT_FAILURE'),
  judged(event['no'] === no, 'event_number', 'HASH_FAILURE'),
  judgeAnswer(event, answer),
]

const judgeAnswer = ({ responseDigest }: JsonObject, answer: JsonValue | undefined): Finding => {
  if (answer === undefined) return skipped('response_digest', 'no data')
  if (typeof responseDigest !== 'string') return broken('response_digest', 'HASH_FAILURE')
  const [name] = responseDigest.split(':')
  if (name !== 'sha-256' && name !== 'sm3') return broken('response_digest', 'HASH_FAILURE')
  const isSame = digestText(name, canonicalJson(answer)) === responseDigest
  return judged(isSame, 'response_digest', 'HASH_FAILURE')
}
