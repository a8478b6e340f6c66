import { CryptoError } from './crypto-error.ts'
import { isReservedName } from './issue-sd-jwt.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'
import type { Disclosure } from './parse-sd-jwt.ts'
import type { SdDigest } from './sd-jwt-digest.ts'

/** Nesting through disclosures inside disclosures; each text alone is bounded by parseJson. */
const depthMax = 128

type Resolution = {
  readonly byDigest: ReadonlyMap<string, Disclosure>
  /** Every digest met so far, in the payload or inside a disclosed value. */
  readonly met: Set<string>
  used: number
}

/**
 * The claims that payload and disclosures make together (RFC 9901 §7.1, step 3 to 5): every disclosure is
 * referenced exactly once, no digest repeats, no name is reserved or already there. Digests without a
 * disclosure (withheld or decoy) leave no trace.
 * @throws CryptoError with a code that starts with sd_jwt_
 */
export const resolveDisclosures = (
  payload: JsonObject,
  disclosures: readonly Disclosure[],
  digestOf: SdDigest,
): JsonObject => {
  const byDigest = new Map(disclosures.map((item) => [digestOf(item.encoded), item]))
  if (byDigest.size !== disclosures.length)
    throw new CryptoError('sd_jwt_disclosure', 'a disclosure is repeated')
  const state: Resolution = { byDigest, met: new Set(), used: 0 }
  const claims = Object.entries(payload).filter(([name]) => name !== '_sd_alg')
  const resolved = resolveObject(Object.fromEntries(claims), state, 1)
  if (state.used !== disclosures.length)
    throw new CryptoError('sd_jwt_disclosure_unreferenced', 'a disclosure has no digest')
  return resolved
}

const resolveValue = (value: JsonValue, state: Resolution, depth: number): JsonValue => {
  if (depth > depthMax) throw new CryptoError('sd_jwt_malformed', 'nested too deeply')
  if (isJsonArray(value)) return resolveArray(value, state, depth)
  return isJsonObject(value) ? resolveObject(value, state, depth) : value
}

const resolveArray = (
  elements: readonly JsonValue[],
  state: Resolution,
  depth: number,
): JsonValue[] => {
  const resolved: JsonValue[] = []
  for (const element of elements) {
    const digest = elementDigest(element)
    const disclosure = digest === undefined ? undefined : take(digest, state)
    if (disclosure !== undefined) resolved.push(resolveElement(disclosure, state, depth))
    else if (digest === undefined) resolved.push(resolveValue(element, state, depth + 1))
  }
  return resolved
}

const resolveElement = (disclosure: Disclosure, state: Resolution, depth: number): JsonValue => {
  if (disclosure.name !== undefined)
    throw new CryptoError('sd_jwt_disclosure', 'a named disclosure stands for an array element')
  return resolveValue(disclosure.value, state, depth + 1)
}

/** The digest of `{"...": digest}`; undefined for an ordinary element. */
const elementDigest = (element: JsonValue): string | undefined => {
  if (!isJsonObject(element) || !Object.hasOwn(element, '...')) return undefined
  const digest = element['...']
  if (typeof digest !== 'string' || Object.keys(element).length !== 1)
    throw new CryptoError('sd_jwt_malformed', 'the digest of an array element stands alone')
  return digest
}

const resolveObject = (value: JsonObject, state: Resolution, depth: number): JsonObject => {
  const { _sd: digests = [], ...members } = value
  const resolved = new Map<string, JsonValue>()
  for (const [name, member] of Object.entries(members)) {
    requireFreeName(name)
    resolved.set(name, resolveValue(member, state, depth + 1))
  }
  for (const digest of digestList(digests)) {
    const disclosure = take(digest, state)
    if (disclosure !== undefined) insert(resolved, disclosure, state, depth)
  }
  return Object.fromEntries(resolved)
}

const insert = (
  resolved: Map<string, JsonValue>,
  { name, value }: Disclosure,
  state: Resolution,
  depth: number,
): void => {
  if (name === undefined)
    throw new CryptoError('sd_jwt_disclosure', 'an element disclosure stands for a member')
  requireFreeName(name)
  if (resolved.has(name)) throw new CryptoError('sd_jwt_name_clash', 'the claim is already there')
  resolved.set(name, resolveValue(value, state, depth + 1))
}

const requireFreeName = (name: string): void => {
  if (isReservedName(name)) throw new CryptoError('sd_jwt_reserved_name', 'reserved claim name')
}

const digestList = (digests: JsonValue): readonly string[] => {
  if (!isJsonArray(digests) || !digests.every((digest) => typeof digest === 'string'))
    throw new CryptoError('sd_jwt_malformed', '_sd is not a list of digests')
  return digests
}

const take = (digest: string, state: Resolution): Disclosure | undefined => {
  if (state.met.has(digest)) throw new CryptoError('sd_jwt_digest_repeated', 'a digest is repeated')
  state.met.add(digest)
  const disclosure = state.byDigest.get(digest)
  if (disclosure !== undefined) state.used++
  return disclosure
}
