import { residentIdType, usccType } from './holder-code-type.ts'

/** Whose papers a gateway keeps: a sandbox invented people's only, a live one none of theirs. */
export type People = 'any' | 'synthetic' | 'real'

/** An area code that was never issued; everybody invented carries it. */
const syntheticArea = '370299'

/** True for a resident id or credit code of the area that was never issued. */
export const isSynthetic = ({ idType, id }: { readonly idType: string; readonly id: string }) => {
  if (idType === residentIdType) return id.startsWith(syntheticArea)
  return idType === usccType && id.slice(2, 8) === syntheticArea
}

/** In a sandbox whatever is not surely invented is kept out, in a live gateway whatever surely is. */
export const mayBeKept = (
  people: People,
  holder: { readonly idType: string; readonly id: string },
): boolean => people === 'any' || isSynthetic(holder) === (people === 'synthetic')
