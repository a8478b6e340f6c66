import type { JsonValue } from '../crypto/json-value.ts'

/**
 * Whether an answer belongs to the request of this sequence number. Refusals of some departments carry
 * none; where one is carried it must be ours, or another clerk's "nothing held" would be read as this one's.
 */
export const isEchoOf = (
  sequence: string,
  echoed: JsonValue | undefined,
  isRequired: boolean,
): boolean =>
  echoed === sequence || (!isRequired && (echoed === undefined || echoed === null || echoed === ''))
