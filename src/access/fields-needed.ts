import type { ServiceItem } from '../catalogue/service-item.ts'

/** Every surface field that the materials of one type need in this version of the item, sorted. */
export const fieldsNeeded = (item: ServiceItem, typeCode: string): readonly string[] => {
  const ofType = item.materials.filter((material) => material.typeCode === typeCode)
  return [...new Set(ofType.flatMap(({ fields }) => fields))].sort()
}
