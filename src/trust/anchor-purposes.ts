import { z } from 'zod'
import { oid } from './oid.ts'

/** What an anchor may be trusted for, by the word of `zhengqiao trust add --purpose`. */
export const anchorPurposeOids = {
  licence: oid.licenceSigning,
  attestation: oid.ledgerAttestation,
  client: oid.clientAuth,
  timestamp: oid.timeStamping,
  seal: oid.sealing,
} as const

export type AnchorPurpose = keyof typeof anchorPurposeOids

/** Fingerprint (lower-case hex SHA-256) → OIDs of its purposes; an anchor without an entry serves all. */
export type AnchorPurposes = Readonly<Record<string, readonly string[]>>

/** The file of a trust folder that limits its anchors. */
export const anchorPurposesFile = 'anchors.json'

export const isAnchorPurpose = (word: string): word is AnchorPurpose =>
  Object.hasOwn(anchorPurposeOids, word)

const fileSchema = z.record(
  z.string().regex(/^[0-9a-f]{64}$/),
  z.strictObject({ purposes: z.array(z.string().refine(isAnchorPurpose)).min(1) }),
)

/** Words by fingerprint, as they stand in the file. @throws ZodError, SyntaxError */
export const parseAnchorWords = (
  text: string,
): Readonly<Record<string, readonly AnchorPurpose[]>> =>
  Object.fromEntries(
    Object.entries(fileSchema.parse(JSON.parse(text))).map(([id, { purposes }]) => [id, purposes]),
  )

/** @throws ZodError, SyntaxError: a limit that cannot be read must not be taken for none. */
export const parseAnchorPurposes = (text: string): AnchorPurposes =>
  Object.fromEntries(
    Object.entries(parseAnchorWords(text)).map(([id, words]) => [
      id,
      words.map((word) => anchorPurposeOids[word]),
    ]),
  )

/** The text of the file. */
export const formatAnchorWords = (
  words: Readonly<Record<string, readonly AnchorPurpose[]>>,
): string => {
  const entries = Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))
  const file = Object.fromEntries(entries.map(([id, purposes]) => [id, { purposes }]))
  return `${JSON.stringify(file, null, 2)}\n`
}
