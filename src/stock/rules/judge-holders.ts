import type { LicenceType } from '../../catalogue/licence-type.ts'
import { holderKindOf, residentIdType, usccType } from '../../licences/holder-code-type.ts'
import type { Holder, HolderKind } from '../../licences/licence.ts'
import { normaliseHolderId } from '../../licences/normalise-holder-id.ts'
import { isUscc, isUsccForm } from '../../licences/uscc.ts'
import { type Finding, quarantined, warned } from './finding.ts'
import type { GivenHolder, Step } from './row.ts'
import { unusualNameCharacters } from './unusual-characters.ts'

const nameLengthMax = 200

/** Judges codes and names of all holders; `value` is of use only when nothing was quarantined. */
export const judgeHolders = (
  given: readonly GivenHolder[],
  type: LicenceType | undefined,
  isInGbk: (character: string) => boolean,
): Step<readonly Holder[]> => {
  const findings = given.flatMap((holder, at) => {
    const pointer = `/holders/${String(at)}`
    return [
      ...judgeKind(holder, type, pointer),
      ...judgeCode(holder, `${pointer}/id`),
      ...judgeName(holder.name, `${pointer}/name`, isInGbk),
    ]
  })
  return { value: given.map(toHolder), findings: [...findings, ...judgeRepeats(given)] }
}

const toHolder = (given: GivenHolder): Holder => ({
  ...given,
  kind: holderKindOf(given.idType) ?? 'person',
})

const judgeKind = (
  { kind, idType }: GivenHolder,
  type: LicenceType | undefined,
  pointer: string,
): readonly Finding[] => {
  const expected = holderKindOf(idType)
  if (expected === undefined || expected !== kind) {
    return [quarantined('holder_code_type', `${pointer}/idType`, idType)]
  }
  return type === undefined || isHeldBy(type, expected)
    ? []
    : [quarantined('holder_kind', `${pointer}/kind`, kind)]
}

const isHeldBy = ({ holderKind }: LicenceType, kind: HolderKind): boolean =>
  holderKind === 2 || holderKind === (kind === 'person' ? 0 : 1)

const judgeCode = ({ idType, id }: GivenHolder, pointer: string): readonly Finding[] => {
  if (/[,，、;；]/.test(id)) return [quarantined('holders_mismatch', pointer, id)]
  if (idType === residentIdType) return judgeResidentId(id, pointer)
  if (idType === usccType && isUsccForm(id)) {
    return isUscc(id) ? [] : [warned('uscc_checksum', pointer, id)]
  }
  return normaliseHolderId(idType, id) === undefined
    ? [quarantined('holder_code_form', pointer, id)]
    : []
}

const judgeResidentId = (id: string, pointer: string): readonly Finding[] => {
  if (!/^[0-9]{17}[0-9X]$/.test(id)) return [quarantined('holder_code_form', pointer, id)]
  return normaliseHolderId(residentIdType, id) === undefined
    ? [quarantined('id_checksum', pointer, id)]
    : []
}

const judgeName = (
  name: string,
  pointer: string,
  isInGbk: (character: string) => boolean,
): readonly Finding[] => {
  if (name.trim() === '') return [quarantined('holder_name_missing', pointer, name)]
  if (name.length > nameLengthMax) return [quarantined('too_long', pointer)]
  if (/[?\uFFFD]/.test(name)) return [quarantined('char_lost', pointer, name)]
  return [
    ...(Array.from(name).every(isInGbk) ? [] : [warned('char_outside_gbk', pointer, name)]),
    ...(unusualNameCharacters(name) ? [warned('unusual_characters', pointer, name)] : []),
  ]
}

const judgeRepeats = (given: readonly GivenHolder[]): readonly Finding[] =>
  new Set(given.map(({ idType, id }) => `${idType}:${id}`)).size === given.length
    ? []
    : [quarantined('holders_mismatch', '/holders')]
