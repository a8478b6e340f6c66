import type { FieldError } from '../contract/error.ts'
import type { LicenceType } from './licence-type.ts'
import type { Material, ServiceItem } from './service-item.ts'

/**
 * House rules for a service item: every material has a source, none is a catch-all (其他材料), and every
 * condition, type and field exists. Pointers start at `at`, e.g. `/3`.
 */
export const lintServiceItem = (
  item: ServiceItem,
  typesByCode: ReadonlyMap<string, LicenceType>,
  at = '',
): readonly FieldError[] => [
  ...repeatedCodes(item, at),
  ...item.materials.flatMap((material, place) =>
    lintMaterial(material, item, typesByCode, `${at}/materials/${String(place)}`),
  ),
]

const lintMaterial = (
  material: Material,
  item: ServiceItem,
  typesByCode: ReadonlyMap<string, LicenceType>,
  at: string,
): readonly FieldError[] => [
  ...sourceErrors(material, at),
  ...catchAllErrors(material, at),
  ...conditionErrors(material, item, at),
  ...typeErrors(material, typesByCode, at),
]

const sourceErrors = ({ source, nameZh }: Material, at: string): readonly FieldError[] =>
  source === 'self' || /^gov:[a-z0-9-]+$/.test(source ?? '')
    ? []
    : [finding(`${at}/source`, 'source_missing', `材料“${nameZh}”没有写明来源(self 或 gov:机构)`)]

const catchAll = /其他.{0,6}材料|其它.{0,6}材料|等相关材料|有关材料/

const catchAllErrors = ({ nameZh }: Material, at: string): readonly FieldError[] =>
  catchAll.test(nameZh)
    ? [finding(`${at}/nameZh`, 'other_materials_forbidden', `“${nameZh}”是兜底条款,须逐项写明`)]
    : []

const conditionErrors = (
  { condition }: Material,
  { facts }: ServiceItem,
  at: string,
): readonly FieldError[] =>
  Object.entries(condition ?? {}).flatMap(([fact, value]) =>
    facts[fact]?.includes(value) === true
      ? []
      : [finding(`${at}/condition/${fact}`, 'fact_unknown', `事项没有声明事实“${fact}”的这个取值`)],
  )

const typeErrors = (
  material: Material,
  typesByCode: ReadonlyMap<string, LicenceType>,
  at: string,
): readonly FieldError[] => {
  if (material.typeCode === null) return []
  const type = typesByCode.get(material.typeCode)
  if (type === undefined) {
    return [finding(`${at}/typeCode`, 'type_not_found', `目录中没有证照类型 ${material.typeCode}`)]
  }
  const known = new Set(type.fields.map(({ key }) => key))
  return material.fields.flatMap((field, place) =>
    known.has(field)
      ? []
      : [
          finding(
            `${at}/fields/${String(place)}`,
            'field_unknown',
            `${type.nameZh}没有照面项“${field}”`,
          ),
        ],
  )
}

const repeatedCodes = ({ materials }: ServiceItem, at: string): readonly FieldError[] => {
  const seen = new Set<string>()
  return materials.flatMap(({ code }, place) => {
    if (!seen.has(code)) {
      seen.add(code)
      return []
    }
    return [
      finding(`${at}/materials/${String(place)}/code`, 'code_repeated', `材料编号 ${code} 重复`),
    ]
  })
}

const finding = (pointer: string, code: string, detail: string): FieldError => ({
  pointer,
  code,
  detail,
})
