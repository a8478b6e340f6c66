import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../crypto/json-value.ts'
import { fieldNameZh } from './field-names-zh.ts'
import { html, type Html } from './html.ts'

type Row = {
  readonly path: string
  readonly type: string
  readonly isRequired: boolean
  readonly meaning: string
}

const depthMax = 5

/**
 * The members of a JSON Schema as a table, one line each, nested ones with their path. What a request must
 * have is marked; an answer has what it has.
 */
export const renderSchema = (schema: JsonValue | undefined, of: 'request' | 'answer'): Html => {
  const rows = isJsonObject(schema) ? rowsOf(schema, '', 0) : []
  if (rows.length === 0) return html`<p class="type">${typeOf(schema)}</p>`
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>字段</th>
          <th>类型</th>
          <th>说明</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => renderRow(row, of))}
      </tbody>
    </table>
  </div>`
}

const renderRow = ({ path, type, isRequired, meaning }: Row, of: 'request' | 'answer'): Html =>
  html`<tr>
    <td class="name">
      <code>${path}</code
      >${isRequired && of === 'request' ? html`<span class="need">必填</span>` : undefined}
    </td>
    <td class="type">${type}</td>
    <td>${meaning}</td>
  </tr>`

const rowsOf = (schema: JsonObject, prefix: string, depth: number): readonly Row[] => {
  const object = objectIn(schema)
  if (object === undefined || depth > depthMax) return []
  const { properties, required } = object
  const needed = isJsonArray(required) ? required : []
  return Object.entries(isJsonObject(properties) ? properties : {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const below = isJsonObject(member)
      ? rowsOf(member, isList(member) ? `${path}[]` : path, depth + 1)
      : []
    const parent = prefix.replace(/\[\]$/, '').split('.').at(-1) ?? ''
    const row = { path, type: typeOf(member), meaning: fieldNameZh(parent, name) }
    return [{ ...row, isRequired: needed.includes(name) }, ...below]
  })
}

/** The object that a schema is, or that its items or one of its alternatives are. */
const objectIn = (schema: JsonObject): JsonObject | undefined => {
  if (isJsonObject(schema['properties'])) return schema
  const { items, anyOf } = schema
  if (isJsonObject(items)) return objectIn(items)
  for (const each of isJsonArray(anyOf) ? anyOf : []) {
    const found = isJsonObject(each) ? objectIn(each) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const isList = (schema: JsonObject): boolean =>
  schema['type'] === 'array' ||
  (isJsonArray(schema['anyOf']) &&
    schema['anyOf'].some((each) => isJsonObject(each) && isList(each)))

const typeNamesZh: Readonly<Record<string, string>> = {
  string: '文字',
  integer: '整数',
  number: '数字',
  boolean: 'true 或 false',
  object: '对象',
  null: 'null',
}

const typeOf = (schema: JsonValue | undefined): string => {
  if (!isJsonObject(schema)) return '任意'
  const { anyOf, items, type } = schema
  if (isJsonArray(anyOf)) return [...new Set(anyOf.map(typeOf))].join(' 或 ')
  if (isJsonArray(schema['enum'])) return schema['enum'].map(valueText).join(' | ')
  if (schema['const'] !== undefined) return valueText(schema['const'])
  if (isJsonArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(' 或 ')
  if (type === 'array') return `${typeOf(items)} 的列表${limitsOf(schema, 'Items', ' 项')}`
  if (schema['format'] === 'uuid') return 'UUID'
  const name = (typeof type === 'string' ? typeNamesZh[type] : undefined) ?? '任意'
  return `${name}${limitsOf(schema, 'Length', ' 字')}${rangeOf(schema)}${patternOf(schema)}`
}

const valueText = (value: JsonValue): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const limitsOf = (schema: JsonObject, of: string, unit: string): string => {
  const [least, most] = [schema[`min${of}`], schema[`max${of}`]]
  return [
    typeof least === 'number' && least > 1 ? `,至少 ${String(least)}${unit}` : '',
    typeof most === 'number' ? `,至多 ${String(most)}${unit}` : '',
  ].join('')
}

/** zod writes the bounds of safe integers, which say nothing. */
const rangeOf = ({ minimum, maximum }: JsonObject): string => {
  const isBound = (value: JsonValue | undefined): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) < 2 ** 52
  return [
    isBound(minimum) ? `,不小于 ${String(minimum)}` : '',
    isBound(maximum) ? `,不大于 ${String(maximum)}` : '',
  ].join('')
}

const patternOf = ({ pattern, format }: JsonObject): string =>
  typeof pattern === 'string' && format === undefined && pattern.length <= 40 ? ` ${pattern}` : ''
