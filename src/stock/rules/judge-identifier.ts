import {
  formatLicenceIdentifier,
  parseLicenceIdentifier,
} from '../../licences/licence-identifier.ts'
import { type Finding, quarantined } from './finding.ts'
import type { GivenRow, LoadableRow, Step } from './row.ts'

/**
 * The identifier must name the row's own type, issuer and version. A wrong check character is put right
 * and the given text kept as an alias: some vendors computed it otherwise.
 */
export const judgeIdentifier = (
  row: GivenRow,
): Step<Pick<LoadableRow, 'identifier' | 'legacyAlias'>> => {
  const given = row.licenceId
  const version = /^[0-9]{3}$/.test(row.version)
    ? []
    : [quarantined('version_form', '/version', row.version)]
  const parts = parseLicenceIdentifier(given)
  if (parts === undefined) {
    return {
      value: { identifier: given, legacyAlias: undefined },
      findings: [...version, quarantined('identifier_form', '/licenceId', given)],
    }
  }
  const agrees =
    parts.typeCode === row.typeCode &&
    parts.issuerCode === row.issuerCode &&
    parts.version === row.version
  const identifier = formatLicenceIdentifier(parts)
  return {
    value: { identifier, legacyAlias: parts.checked ? undefined : given },
    findings: [
      ...version,
      ...(agrees ? [] : [quarantined('identifier_mismatch', '/licenceId', given)]),
      ...(parts.checked ? [] : [wrongCheck(given, identifier)]),
    ],
  }
}

const wrongCheck = (given: string, corrected: string): Finding => ({
  class: 'warn',
  rule: 'identifier_check',
  pointer: '/licenceId',
  given,
  corrected,
})
