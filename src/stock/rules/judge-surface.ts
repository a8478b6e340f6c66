import type { LicenceType, SurfaceField } from '../../catalogue/licence-type.ts'
import type { Json } from '../../contract/endpoint.ts'
import { isCalendarDay, isCalendarMonth } from '../../licences/calendar-day.ts'
import { type Finding, pointerStep, quarantined } from './finding.ts'
import type { Step } from './row.ts'

type Surface = { readonly [key: string]: Json }

/** Judges the surface fields by the catalogue and puts them in its order; null counts as not given. */
export const judgeSurface = (given: Surface, type: LicenceType | undefined): Step<Surface> => {
  if (type === undefined) return { value: {}, findings: [] }
  const known = new Set(type.fields.map(({ key }) => key))
  const findings: Finding[] = Object.keys(given)
    .filter((key) => !known.has(key))
    .map((key) => quarantined('unknown_field', `/surface${pointerStep(key)}`))
  const value: Record<string, Json> = {}
  for (const field of type.fields) {
    const stated = given[field.key] ?? null
    if (isMissing(stated)) {
      if (field.required) findings.push(quarantined('surface_required', pointerOf(field), null))
      continue
    }
    findings.push(...judgeField(field, stated))
    value[field.key] = stated
  }
  return { value, findings }
}

const isMissing = (value: Json): boolean => value === null || value === ''

const pointerOf = ({ key }: SurfaceField): string => `/surface/${key}`

const judgeField = (field: SurfaceField, value: Json): readonly Finding[] => {
  const pointer = pointerOf(field)
  if (field.type === 'number') return judgeNumber(field, value)
  if (typeof value !== 'string') return [quarantined('wrong_type', pointer)]
  if (value.length > field.maxLength && Array.from(value).length > field.maxLength) {
    return [quarantined('too_long', pointer)]
  }
  if (field.type === 'date' && !isDate(field, value)) {
    return [quarantined('date_invalid', pointer, value)]
  }
  return field.values === undefined || field.values.includes(value)
    ? []
    : [quarantined('surface_value', pointer, value)]
}

const judgeNumber = (field: SurfaceField, value: Json): readonly Finding[] => {
  if (typeof value !== 'number') return [quarantined('wrong_type', pointerOf(field))]
  if (!isExact(value)) return [quarantined('number_inexact', pointerOf(field))]
  return String(value).length > field.maxLength ? [quarantined('too_long', pointerOf(field))] : []
}

/** A binary double holds 15 digits for certain; more could have been rounded when they were read. */
const isExact = (value: number): boolean =>
  Number.isInteger(value) ? Number.isSafeInteger(value) : Number(value.toPrecision(15)) === value

/** The catalogue writes a month as a date of seven characters. */
const isDate = ({ maxLength }: SurfaceField, value: string): boolean =>
  maxLength === 7 ? isCalendarMonth(value) : isCalendarDay(value) || isCalendarMonth(value)
