import { CryptoError } from '../../crypto/crypto-error.ts'
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../crypto/json-value.ts'
import { parseJson } from '../../crypto/parse-json.ts'
import { type Finding, pointerStep, quarantined } from './finding.ts'
import type { GivenHolder, GivenRow } from './row.ts'

export type ReadRow =
  { readonly row: GivenRow } | { readonly row: undefined; readonly findings: readonly Finding[] }

/** Reads one line: strict JSON, exactly the known members, each of its type and of bearable length. */
export const readRow = (line: Uint8Array): ReadRow => {
  const value = readLine(line)
  if (!isJsonObject(value)) return refused([quarantined('malformed_json', '')])
  const findings = [
    ...unknownMembers(value, rowMembers, ''),
    ...controlCharacters(value, '', 0),
    ...checkTexts(value, rowTexts, ''),
    ...checkNullable(value),
    ...checkHolders(value['holders']),
    ...checkIssuer(value['issuer']),
    ...checkObject(value, 'surface'),
  ]
  return findings.length > 0 ? refused(findings) : { row: toGivenRow(value) }
}

const refused = (findings: readonly Finding[]): ReadRow => ({ row: undefined, findings })

const readLine = (line: Uint8Array): JsonValue => {
  try {
    return parseJson(line, { depthMax: 8 })
  } catch (error) {
    if (error instanceof CryptoError) return null
    throw error
  }
}

/** Members of a text type with the most characters that are read; rules of the catalogue come later. */
const rowTexts = {
  licenceId: 200,
  typeCode: 60,
  number: 200,
  version: 20,
  issuedAt: 40,
  validFrom: 40,
  status: 40,
  trustLevel: 20,
} as const
const holderTexts = { kind: 20, idType: 20, id: 1000, name: 1000, originalId: 40 } as const
const issuerTexts = { code: 60, name: 200 } as const

const rowMembers: ReadonlySet<string> = new Set([
  ...Object.keys(rowTexts),
  ...['holders', 'issuer', 'validTo', 'areaCode', 'surface', 'synthetic', '_fault'],
])

const unknownMembers = (
  value: JsonObject,
  known: ReadonlySet<string>,
  base: string,
): readonly Finding[] =>
  Object.keys(value)
    .filter((name) => !known.has(name))
    .map((name) => quarantined('unknown_field', base + pointerStep(name)))

const checkTexts = (
  value: JsonObject,
  members: Readonly<Record<string, number>>,
  base: string,
): readonly Finding[] =>
  Object.entries(members).flatMap(([name, lengthMax]) =>
    checkText(value[name], `${base}/${name}`, lengthMax),
  )

const checkText = (
  value: JsonValue | undefined,
  pointer: string,
  lengthMax: number,
): readonly Finding[] => {
  if (value === undefined) return [quarantined('member_missing', pointer, null)]
  if (typeof value !== 'string') return [quarantined('wrong_type', pointer)]
  return value.length > lengthMax ? [quarantined('too_long', pointer)] : []
}

const checkNullable = (value: JsonObject): readonly Finding[] => [
  ...(value['validTo'] === null ? [] : checkText(value['validTo'], '/validTo', 40)),
  ...(value['areaCode'] === null || value['areaCode'] === undefined
    ? []
    : checkText(value['areaCode'], '/areaCode', 20)),
]

const checkHolders = (value: JsonValue | undefined): readonly Finding[] => {
  if (value === undefined) return [quarantined('member_missing', '/holders', null)]
  if (!isJsonArray(value)) return [quarantined('wrong_type', '/holders')]
  if (value.length === 0) return [quarantined('holder_missing', '/holders')]
  if (value.length > 50) return [quarantined('too_long', '/holders')]
  return value.flatMap((holder, at) =>
    checkMember(withOriginalId(holder), holderTexts, `/holders/${String(at)}`),
  )
}

/** The one member that a holder may lack. */
const withOriginalId = (holder: JsonValue): JsonValue =>
  isJsonObject(holder) ? { originalId: '', ...holder } : holder

const checkIssuer = (value: JsonValue | undefined): readonly Finding[] =>
  value === undefined
    ? [quarantined('member_missing', '/issuer', null)]
    : checkMember(value, issuerTexts, '/issuer')

const checkMember = (
  value: JsonValue,
  members: Readonly<Record<string, number>>,
  pointer: string,
): readonly Finding[] =>
  isJsonObject(value)
    ? [
        ...unknownMembers(value, new Set(Object.keys(members)), pointer),
        ...checkTexts(value, members, pointer),
      ]
    : [quarantined('wrong_type', pointer)]

const checkObject = (value: JsonObject, name: string): readonly Finding[] => {
  if (value[name] === undefined) return [quarantined('member_missing', `/${name}`, null)]
  return isJsonObject(value[name]) ? [] : [quarantined('wrong_type', `/${name}`)]
}

/** U+0000–U+001F, U+007F–U+009F, and the marks that turn the direction of writing around. */
const control = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

const controlCharacters = (
  value: JsonValue,
  pointer: string,
  depth: number,
): readonly Finding[] => {
  if (typeof value === 'string')
    return control.test(value) ? [quarantined('control_character', pointer)] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    depth === 0 && (name === '_fault' || name === 'synthetic')
      ? []
      : controlCharacters(member, pointer + pointerStep(name), depth + 1),
  )
}

const toGivenRow = (value: JsonObject): GivenRow => ({
  licenceId: text(value['licenceId']),
  typeCode: text(value['typeCode']),
  number: text(value['number']),
  version: text(value['version']),
  holders: isJsonArray(value['holders']) ? value['holders'].map(toGivenHolder) : [],
  issuerCode: isJsonObject(value['issuer']) ? text(value['issuer']['code']) : '',
  issuedAt: text(value['issuedAt']),
  validFrom: text(value['validFrom']),
  validTo: value['validTo'] === null ? null : text(value['validTo']),
  status: text(value['status']),
  trustLevel: text(value['trustLevel']),
  areaCode: typeof value['areaCode'] === 'string' ? value['areaCode'] : null,
  surface: isJsonObject(value['surface']) ? value['surface'] : {},
})

const toGivenHolder = (value: JsonValue): GivenHolder => {
  const holder = isJsonObject(value) ? value : {}
  const originalId = text(holder['originalId'])
  return {
    kind: text(holder['kind']),
    idType: text(holder['idType']),
    id: text(holder['id']),
    name: text(holder['name']),
    ...(originalId === '' ? {} : { originalId }),
  }
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
