import { z } from 'zod'
import { decodeBase64Url } from '../crypto/base64url.ts'
import type { DigestName } from '../crypto/digest.ts'
import { isJsonArray } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import { sdDigestOf } from '../crypto/sd-jwt-digest.ts'
import { SignerError } from './signer-error.ts'

const rowLine = z.strictObject({
  chunk: z.int().min(1),
  line: z.int().min(1),
  signingInput: z.string().min(1),
  disclosures: z.array(z.string()).min(1).max(255),
})

/** Exactly the claims of a licence credential: nothing else is ever signed. */
const payloadShape = z.strictObject({
  iss: z.string(),
  iat: z.int(),
  vct: z.string(),
  _sd_alg: z.enum(['sha-256', 'sm3']),
  licenceId: z.uuid(),
  typeCode: z.string().length(21),
  version: z.string().length(3),
  issuedAt: z.iso.date(),
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable(),
  trustLevel: z.enum(['A', 'B', 'C', 'D']),
  _sd: z.array(z.string()),
})

export type CheckedRow = {
  readonly chunk: number
  readonly line: number
  readonly signingInput: string
  /** Second segment of the signing input. */
  readonly payload: string
  readonly licenceId: string
  readonly typeCode: string
}

export type OwnCredentials = {
  /** First segment of every signing input: own algorithm, own chain. */
  readonly header: string
  readonly issuer: string
  /** The digest of its own algorithm: of disclosures, and of the tree of a batch. */
  readonly digestName: DigestName
}

/**
 * Checks one credential that is to be signed: this department's header and name, the claims of a
 * licence and no others, and disclosures that are exactly those whose digests it holds.
 * @throws SignerError
 */
export const checkRow = (line: Uint8Array, own: OwnCredentials): CheckedRow => {
  const row = readRow(line)
  const prefix = `${own.header}.`
  if (!row.signingInput.startsWith(prefix)) {
    throw new SignerError('row_header', 'not this signer’s header')
  }
  const payload = row.signingInput.slice(prefix.length)
  const claims = readPayload(payload)
  if (claims.iss !== own.issuer) throw new SignerError('row_issuer', 'another department')
  if (claims._sd_alg !== own.digestName) {
    throw new SignerError('row_disclosures', 'digests of another algorithm')
  }
  requireSameDisclosures(claims._sd, row.disclosures, own.digestName)
  const { licenceId, typeCode } = claims
  return {
    chunk: row.chunk,
    line: row.line,
    signingInput: row.signingInput,
    payload,
    licenceId,
    typeCode,
  }
}

const readRow = (line: Uint8Array): z.output<typeof rowLine> => {
  try {
    return rowLine.parse(parseJson(line, { depthMax: 2 }))
  } catch (cause) {
    throw new SignerError('row_malformed', 'not a row', cause)
  }
}

const readPayload = (payload: string): z.output<typeof payloadShape> => {
  try {
    return payloadShape.parse(parseJson(decodeBase64Url(payload), { depthMax: 2 }))
  } catch (cause) {
    throw new SignerError('row_malformed', 'not the payload of a licence credential', cause)
  }
}

const requireSameDisclosures = (
  digests: readonly string[],
  disclosures: readonly string[],
  digestName: DigestName,
): void => {
  const found = disclosures.map(sdDigestOf(digestName)).sort()
  const agrees =
    found.length === digests.length &&
    found.every((digest, at) => digest === digests[at]) &&
    new Set(found).size === found.length
  if (!agrees) throw new SignerError('row_disclosures', 'digests and disclosures differ')
  const names = disclosures.map(nameIn)
  if (new Set(names).size !== names.length) {
    throw new SignerError('row_disclosures', 'a claim is disclosed twice')
  }
}

/** Name of a disclosure `[salt, name, value]` with a salt of at least 128 bits. */
const nameIn = (disclosure: string): string => {
  const value = readDisclosure(disclosure)
  const [salt, name] = isJsonArray(value) && value.length === 3 ? value : []
  if (typeof salt !== 'string' || salt.length < 22 || typeof name !== 'string') {
    throw new SignerError('row_disclosures', 'not a disclosure')
  }
  return name
}

const readDisclosure = (disclosure: string) => {
  try {
    return parseJson(decodeBase64Url(disclosure), { depthMax: 8 })
  } catch (cause) {
    throw new SignerError('row_disclosures', 'not a disclosure', cause)
  }
}
