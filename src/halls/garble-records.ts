import type { FieldRule, Fields } from './field-codec.ts'

/**
 * The faults that departments' records have, for simulators: `duplicates`, `duplicates_differ`,
 * `missing_field`, `bad_date`, `date_forms` (six writings of one day), `wide` (full-width characters).
 * Any other form leaves the records alone.
 */
export const garbleRecords = (
  form: string,
  records: readonly Fields[],
  head: readonly FieldRule[],
): readonly Fields[] => {
  const wire = (key: string): string => head.find((rule) => rule.key === key)?.wire ?? ''
  const change = (key: string, to: (value: string) => string): readonly Fields[] =>
    records.map((record) => ({ ...record, [wire(key)]: to(record[wire(key)] ?? '') }))
  switch (form) {
    case 'duplicates':
      return records.flatMap((record) => [record, record])
    case 'duplicates_differ':
      return [...records, ...change('issuedAt', () => '19990101')]
    case 'missing_field':
      return change('number', () => '')
    case 'bad_date':
      return change('issuedAt', () => '20180231')
    case 'date_forms':
      return records.flatMap((record) => inSixForms(record, wire('issuedAt'), wire('number')))
    case 'wide':
      return change('number', toFullWidth)
    default:
      return records
  }
}

const inSixForms = (record: Fields, date: string, number: string): Fields[] =>
  ['20180612', '2018-06-12', '2018/6/12', '2018.06.12', '2018年6月12日', '20180612000000'].map(
    (written, at) => ({ ...record, [date]: written, [number]: `F${String(at)}` }),
  )

const toFullWidth = (value: string): string =>
  value.replace(/[!-~]/g, (character) =>
    String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0),
  )
