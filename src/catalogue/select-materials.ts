import type { Facts, Material, ServiceItem } from './service-item.ts'

export type SelectedMaterial = {
  readonly material: Material
  /** False when a fact of the case rules it out; an unknown fact never does. */
  readonly needed: boolean
}

/** Decides each material's condition on the facts of the case. A fact that the case does not state leaves the material needed. */
export const selectMaterials = (item: ServiceItem, facts: Facts): readonly SelectedMaterial[] =>
  item.materials.map((material) => ({ material, needed: isNeeded(material, facts) }))

const isNeeded = ({ condition }: Material, facts: Facts): boolean =>
  Object.entries(condition ?? {}).every(
    ([fact, value]) => facts[fact] === undefined || facts[fact] === value,
  )
