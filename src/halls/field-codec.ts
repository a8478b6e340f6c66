import { toHalfWidth } from '../licences/half-width.ts'
import { foldNumber, parseHallDate, parseHallEnd, parseHallMonth } from './hall-values.ts'

export type FieldValue = string | number
/** One record of a department's message: every value is text, as it stood on the wire. */
export type Fields = Readonly<Record<string, string>>

/** How one value travels: `read` is undefined for a value that is not of the form. */
export type FieldForm = {
  readonly read: (wire: string) => FieldValue | undefined
  readonly write: (value: FieldValue) => string
  /** What a missing or empty value means; without it the value must be there. */
  readonly blank?: FieldValue
}

/** One line of a type's mapping table: the department's name, our key, the form. */
export type FieldRule = {
  readonly wire: string
  readonly key: string
  readonly form: FieldForm
  readonly optional?: true
}

/** Text as it is, trimmed. */
export const text: FieldForm = { read: (wire) => wire.trim(), write: String }

/** A number or code of a certificate: width and brackets normalised. */
export const digits: FieldForm = { read: foldNumber, write: String }

export const date = (written: 'compact' | 'dashed' | 'chinese'): FieldForm => ({
  read: parseHallDate,
  write: (value) => dateWriters[written](String(value)),
})

const dateWriters = {
  compact: (day: string) => day.replaceAll('-', ''),
  dashed: (day: string) => day,
  chinese: (day: string) => {
    const [year, month, dayOfMonth] = day.split('-').map(Number)
    return `${String(year)}年${String(month)}月${String(dayOfMonth)}日`
  },
} as const

export const month: FieldForm = {
  read: parseHallMonth,
  write: (value) => String(value).replaceAll('-', ''),
}

/** End of validity; no end reads as the empty text. */
export const end = (written: 'compact' | 'dashed' | 'chinese', none: string): FieldForm => ({
  read: (wire) => {
    const day = parseHallEnd(wire)
    return day === null ? '' : day
  },
  write: (value) => (value === '' ? none : date(written).write(value)),
  blank: '',
})

/** A decimal number in half or full width. */
export const number: FieldForm = { read: (wire) => readDecimal(wire), write: String }

/** Amounts that travel in fen and are yuan in our fields. */
export const fen: FieldForm = {
  read: (wire) => {
    const amount = readDecimal(wire)
    return amount === undefined || !Number.isSafeInteger(amount) ? undefined : amount / 100
  },
  write: (value) => String(Math.round(Number(value) * 100)),
}

/** A code list of the department: `{ '1': '男', '2': '女' }`. A code outside the list is no value. */
export const code = (list: Readonly<Record<string, string>>): FieldForm => {
  const meanings = new Map(Object.entries(list))
  const codes = new Map(Object.entries(list).map(([wire, meaning]) => [meaning, wire]))
  return {
    read: (wire) => meanings.get(foldNumber(wire)),
    write: (value) => codes.get(String(value)) ?? '',
  }
}

const readDecimal = (wire: string): number | undefined => {
  const folded = toHalfWidth(wire).trim().replaceAll(',', '')
  // A double holds fifteen digits; of more the last would be others than the hall's.
  const isExact = /^-?\d{1,15}(\.\d{1,6})?$/.test(folded) && !/(\d\.?){16}/.test(folded)
  return isExact ? Number(folded) : undefined
}

export type DecodedFields =
  | { readonly ok: true; readonly fields: Readonly<Record<string, FieldValue>> }
  | { readonly ok: false; readonly cause: string }

/** Reads one record by its table; the first value that is missing or of another form is the cause. */
export const decodeFields = (table: readonly FieldRule[], record: Fields): DecodedFields => {
  const fields: [string, FieldValue][] = []
  for (const rule of table) {
    const wire = Object.hasOwn(record, rule.wire) ? record[rule.wire] : undefined
    if (wire === undefined || wire.trim() === '') {
      if (rule.form.blank !== undefined) fields.push([rule.key, rule.form.blank])
      else if (!rule.optional) return fieldProblem('field_missing', rule)
      continue
    }
    const value = isPlainText(wire) ? rule.form.read(wire) : undefined
    if (value === undefined) return fieldProblem('field_form', rule)
    fields.push([rule.key, value])
  }
  return { ok: true, fields: Object.fromEntries(fields) }
}

const textLengthMax = 4_000

/** Of a certificate's size, without control characters or ones that turn the reading direction. */
export const isPlainText = (value: string): boolean =>
  value.length <= textLengthMax &&
  !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(value)

const fieldProblem = (kind: string, rule: FieldRule): DecodedFields => ({
  ok: false,
  cause: `${kind}:${rule.key.toLowerCase()}`,
})

/** The other direction, for simulators and round-trip tests. Keys without a rule are left out. */
export const encodeFields = (
  table: readonly FieldRule[],
  fields: Readonly<Record<string, FieldValue | null>>,
): Fields =>
  Object.fromEntries(
    table.flatMap((rule) => {
      const value = fields[rule.key]
      return value === undefined || value === null ? [] : [[rule.wire, rule.form.write(value)]]
    }),
  )
