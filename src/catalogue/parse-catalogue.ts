import { z } from 'zod'
import { type FieldError, GatewayError } from '../contract/error.ts'
import { type LicenceType, licenceTypeSchema } from './licence-type.ts'
import { lintServiceItem } from './lint-service-item.ts'
import { type ServiceItem, serviceItemSchema } from './service-item.ts'

export type CatalogueFile = {
  readonly licenceTypes: readonly LicenceType[]
  readonly serviceItems: readonly ServiceItem[]
}

const shape = z.strictObject({
  licenceTypes: z.array(licenceTypeSchema),
  serviceItems: z.array(serviceItemSchema),
})

/**
 * Parses and lints a whole catalogue.
 * @throws GatewayError validation_failed, or source_missing / other_materials_forbidden when one of
 * those is among the findings; `errors` names every place as a JSON Pointer.
 */
export const parseCatalogue = (input: unknown): CatalogueFile => {
  const parsed = shape.safeParse(input)
  if (!parsed.success) {
    throw refusal(parsed.error.issues.map(shapeError))
  }
  const { licenceTypes, serviceItems } = parsed.data
  const typesByCode = new Map(licenceTypes.map((type) => [type.typeCode, type]))
  const findings = serviceItems.flatMap((item, place) =>
    lintServiceItem(item, typesByCode, `/serviceItems/${String(place)}`),
  )
  if (findings.length > 0) throw refusal(findings)
  return parsed.data
}

/** The refusal of a catalogue or item: the gravest finding gives the code. */
export const refusal = (errors: readonly FieldError[]): GatewayError => {
  const has = (code: string): boolean => errors.some((error) => error.code === code)
  if (has('source_missing')) return new GatewayError('source_missing', undefined, { errors })
  if (has('other_materials_forbidden')) {
    return new GatewayError('other_materials_forbidden', undefined, { errors })
  }
  return new GatewayError('validation_failed', '目录内容不符合要求', { errors })
}

const shapeError = (issue: z.core.$ZodIssue): FieldError => ({
  pointer: issue.path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join(''),
  code: issue.code,
  detail: '此处的值不符合目录格式',
})
