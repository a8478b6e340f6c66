import { holderKindOf, residentIdType, usccType } from './holder-code-type.ts'
import { toHalfWidth } from './half-width.ts'
import { isResidentId, isShortResidentId, lengthenResidentId } from './resident-id.ts'
import { isUsccForm } from './uscc.ts'

/**
 * A holder code as it is stored and looked up: half-width, trimmed, upper case, old resident ids in their
 * 18-character form. Undefined for an unknown code type, a resident id whose check character or day of
 * birth is wrong, or a credit code of the wrong form (its check character has registered exceptions).
 */
export const normaliseHolderId = (idType: string, id: string): string | undefined => {
  const folded = foldHolderId(idType, id)
  if (holderKindOf(idType) === undefined || !/^[0-9A-Z\p{L}()/-]{1,40}$/u.test(folded))
    return undefined
  if (idType === residentIdType) return isResidentId(folded) ? folded : undefined
  if (idType === usccType) return isUsccForm(folded) ? folded : undefined
  return folded
}

/** The same without judging it. */
export const foldHolderId = (idType: string, id: string): string => {
  const folded = toHalfWidth(id).trim().toUpperCase()
  return idType === residentIdType && isShortResidentId(folded)
    ? lengthenResidentId(folded)
    : folded
}
