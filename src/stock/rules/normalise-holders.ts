import { residentIdType } from '../../licences/holder-code-type.ts'
import { foldHolderId } from '../../licences/normalise-holder-id.ts'
import { isShortResidentId } from '../../licences/resident-id.ts'
import { toHalfWidth } from '../../licences/half-width.ts'
import { type Finding, normalised } from './finding.ts'
import type { GivenHolder, Step } from './row.ts'

/** Splits holders that were written into one, then writes every holder's code as it is stored. */
export const normaliseHolders = (given: readonly GivenHolder[]): Step<readonly GivenHolder[]> => {
  const split = splitJoined(given)
  const findings: Finding[] = [...split.findings]
  const value = split.value.map((holder, at) => {
    const id = foldHolderId(holder.idType, holder.id)
    if (id === holder.id) return holder
    const rule = ruleFor(holder)
    findings.push(normalised(rule, `/holders/${String(at)}/id`, holder.id, id))
    return rule === 'id_15_digits' ? { ...holder, id, originalId: holder.id } : { ...holder, id }
  })
  return { value, findings }
}

const separators = /[,，、;；]/

const splitJoined = (given: readonly GivenHolder[]): Step<readonly GivenHolder[]> => {
  const [only] = given
  if (only === undefined || given.length > 1 || !separators.test(only.id)) {
    return { value: given, findings: [] }
  }
  const ids = only.id.split(separators)
  const names = only.name.split(separators)
  if (ids.length !== names.length) return { value: given, findings: [] }
  const value = ids.map((id, at) => ({ ...only, id: id.trim(), name: names[at]?.trim() ?? '' }))
  return { value, findings: [normalised('holders_joined', '/holders', [only], value)] }
}

const ruleFor = ({ idType, id }: GivenHolder) =>
  idType === residentIdType && isShortResidentId(toHalfWidth(id).trim())
    ? 'id_15_digits'
    : 'full_width'
