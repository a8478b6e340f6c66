import { canonicalJson } from '../crypto/canonical-json.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../crypto/json-value.ts'
import { conclude } from './conclude.ts'
import { judged } from './finding.ts'
import type { KeyCustody } from './key-custody.ts'
import { objectsIn } from './objects-in.ts'
import type { Finding, Report } from './report.ts'
import { judgeCredential, type JudgedCredential } from './judge-credential.ts'
import type { VerifyOptions } from './verify-options.ts'

export type JudgedCredentials = {
  readonly parts: NonNullable<Report['parts']>
  readonly findings: readonly Finding[]
}

/**
 * Verifies every credential (a member `sdJwt`) inside an answer, and holds it against the event: what
 * was disclosed must be listed there.
 */
export const judgeCredentialsIn = (
  answer: JsonValue | undefined,
  event: JsonObject,
  options: VerifyOptions,
): JudgedCredentials => {
  const found = [...objectsIn(answer, '')].flatMap(({ pointer, value }) => {
    const { sdJwt } = value
    if (typeof sdJwt !== 'string') return []
    const context = { isUseShown: true, claimedCustody: custodyOf(value) }
    const credential = judgeCredential(sdJwt, options, context)
    return [{ pointer: `${pointer}/sdJwt`, value, credential }]
  })
  return {
    parts: found.map(({ pointer, credential }) => ({
      pointer,
      report: conclude(credential, options),
    })),
    findings: found.length > 0 ? judgeAgainstEvent(found, event) : [],
  }
}

type FoundCredential = { readonly value: JsonObject; readonly credential: JudgedCredential }

const judgeAgainstEvent = (
  found: readonly FoundCredential[],
  event: JsonObject,
): readonly Finding[] => {
  const isListed = found.every(({ credential }) => isListedIn(event['licences'], credential))
  const isMatched = found.every(({ value, credential }) => matches(value, credential))
  return [
    judged(isListed, 'licences_listed', 'SIG_CONSTRAINTS_FAILURE'),
    judged(isMatched, 'fields_match', 'HASH_FAILURE'),
  ]
}

/** A credential whose claims could not be read fails by itself. */
const isListedIn = (
  licences: JsonValue | undefined,
  { claims, disclosed }: JudgedCredential,
): boolean => {
  if (claims === undefined) return true
  if (!isJsonArray(licences)) return false
  return licences.some((licence) => {
    if (!isJsonObject(licence) || !isJsonArray(licence['fields'])) return false
    const { licenceId, version, fields } = licence
    const isSame = licenceId === claims['licenceId'] && version === claims['version']
    return isSame && isJsonArray(fields) && disclosed.every((name) => fields.includes(name))
  })
}

const matches = (value: JsonObject, { claims, disclosed }: JudgedCredential): boolean => {
  if (claims === undefined) return true
  const { fields = {}, licenceId } = value
  if (licenceId !== undefined && licenceId !== claims['licenceId']) return false
  if (!isJsonObject(fields)) return false
  return Object.entries(fields).every(([name, shown]) => {
    const signed = claims[name]
    return (
      disclosed.includes(name) &&
      signed !== undefined &&
      canonicalJson(shown) === canonicalJson(signed)
    )
  })
}

const custodyOf = ({ keyCustody }: JsonObject): KeyCustody | undefined =>
  keyCustody === 'department' || keyCustody === 'gateway' ? keyCustody : undefined
