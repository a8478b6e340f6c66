import type { Json } from '../contract/endpoint.ts'
import type { Disclosure, LicenceContent } from './credential.ts'
import { holderKindOf } from './holder-code-type.ts'
import type { Holder } from './licence.ts'

/** The content that a licence's disclosures carry. @throws TypeError when they are not a licence's. */
export const contentOf = (disclosures: readonly Disclosure[]): LicenceContent => {
  const claims = new Map(disclosures.map(({ name, value }) => [name, value]))
  const surface = disclosures
    .filter(({ name }) => !envelope.has(name))
    .map(({ name, value }) => [name, value] as const)
  return {
    identifier: textOf(claims.get('identifier')),
    number: textOf(claims.get('number')),
    holders: holdersOf(claims.get('holders')),
    surface: Object.fromEntries(surface),
  }
}

const envelope: ReadonlySet<string> = new Set(['identifier', 'number', 'holders'])

const textOf = (value: Json | undefined): string => {
  if (typeof value !== 'string') throw new TypeError('a claim is missing')
  return value
}

const holdersOf = (value: Json | undefined): readonly Holder[] => {
  if (!isList(value)) throw new TypeError('a claim is missing')
  return value.map(holderOf)
}

const holderOf = (value: Json): Holder => {
  if (typeof value !== 'object' || value === null || isList(value)) {
    throw new TypeError('a claim is missing')
  }
  const idType = textOf(value['idType'])
  const originalId = value['originalId']
  return {
    kind: holderKindOf(idType) ?? 'person',
    idType,
    id: textOf(value['id']),
    name: textOf(value['name']),
    ...(typeof originalId === 'string' ? { originalId } : {}),
  }
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
