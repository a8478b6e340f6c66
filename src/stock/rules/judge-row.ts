import type { LicenceType } from '../../catalogue/licence-type.ts'
import { isAreaCode } from '../../licences/area-code.ts'
import { mayBeKept } from '../../licences/synthetic-holder.ts'
import { storedStatuses, trustLevels } from '../../licences/licence.ts'
import { type Finding, quarantined, warned } from './finding.ts'
import { judgeDates } from './judge-dates.ts'
import { judgeHolders } from './judge-holders.ts'
import { judgeIdentifier } from './judge-identifier.ts'
import { judgeSurface } from './judge-surface.ts'
import type { GivenRow, LoadableRow, RowContext } from './row.ts'
import { unusualNumberCharacters } from './unusual-characters.ts'

export type JudgedRow = {
  readonly findings: readonly Finding[]
  /** Undefined when a finding keeps the row out. */
  readonly row: LoadableRow | undefined
}

/** Judges a normalised row by itself: everything that needs no look at other rows. */
export const judgeRow = (row: GivenRow, sourceStatus: string, context: RowContext): JudgedRow => {
  const type = context.types.get(row.typeCode)
  const identifier = judgeIdentifier(row)
  const holders = judgeHolders(row.holders, type, context.isInGbk)
  const surface = judgeSurface(row.surface, type)
  const status = storedStatuses.find((known) => known === row.status)
  const trustLevel = trustLevels.find((known) => known === row.trustLevel)
  const findings = [
    ...judgeType(row, type, context),
    ...judgePeople(row.holders, context.people),
    ...identifier.findings,
    ...judgeNumber(row.number),
    ...holders.findings,
    ...judgeDates(row, context.cityDate),
    ...(status === undefined ? [quarantined('status_unknown', '/status', row.status)] : []),
    ...(trustLevel === undefined ? [quarantined('trust_level_unknown', '/trustLevel')] : []),
    ...judgeArea(row.areaCode),
    ...surface.findings,
  ]
  const keptOut = findings.some((finding) => finding.class === 'quarantine')
  if (keptOut || type === undefined || status === undefined || trustLevel === undefined) {
    return { findings, row: undefined }
  }
  return {
    findings,
    row: {
      type,
      ...identifier.value,
      number: row.number,
      version: row.version,
      holders: holders.value,
      issuedAt: row.issuedAt,
      validFrom: row.validFrom,
      validTo: row.validTo,
      status,
      sourceStatus: sourceStatus === status ? null : sourceStatus,
      trustLevel,
      areaCode: row.areaCode,
      surface: surface.value,
    },
  }
}

const judgeType = (
  row: GivenRow,
  type: LicenceType | undefined,
  { issuerCode, typeCodes }: RowContext,
): readonly Finding[] => {
  if (row.issuerCode !== issuerCode) {
    return [quarantined('issuer_mismatch', '/issuer/code', row.issuerCode)]
  }
  if (type === undefined) return [quarantined('type_unknown', '/typeCode', row.typeCode)]
  if (type.issuer.code !== issuerCode) {
    return [quarantined('type_issuer', '/typeCode', row.typeCode)]
  }
  return typeCodes === undefined || typeCodes.has(row.typeCode)
    ? []
    : [quarantined('type_not_in_batch', '/typeCode', row.typeCode)]
}

const judgeNumber = (number: string): readonly Finding[] => {
  if (number === '') return [quarantined('number_missing', '/number', number)]
  if (number.length > 100) return [quarantined('too_long', '/number')]
  return unusualNumberCharacters(number) ? [warned('unusual_characters', '/number', number)] : []
}

const judgeArea = (code: string | null): readonly Finding[] =>
  code === null || isAreaCode(code) ? [] : [quarantined('area_code_form', '/areaCode', code)]

/** Invented people and real ones never stand in one stock. */
const judgePeople = (
  holders: GivenRow['holders'],
  people: RowContext['people'] = 'any',
): readonly Finding[] =>
  holders.flatMap((holder, at) =>
    mayBeKept(people, holder)
      ? []
      : [quarantined('holder_environment', `/holders/${String(at)}/id`)],
  )
