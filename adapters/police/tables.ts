import {
  code,
  date,
  digits,
  end,
  month,
  number,
  text,
  type FieldForm,
  type FieldRule,
  type LicenceTables,
} from '../../src/halls/adapter.ts'

/**
 * One record kind of the request service. `check` is answered at once, `apply` takes an application and
 * is asked for the answer later; `holder` names the items that say whose record it is.
 */
export type PoliceBusiness = LicenceTables & {
  readonly business: string
  readonly mode: 'check' | 'apply'
  readonly holder: { readonly name: string; readonly id: string }
}

const rule = (wire: string, key: string, form: FieldForm): FieldRule => ({ wire, key, form })
const optional = (wire: string, key: string, form: FieldForm): FieldRule => ({
  wire,
  key,
  form,
  optional: true,
})

const day = date('compact')

const head: readonly FieldRule[] = [
  optional('DZZZBS', 'identifier', digits),
  rule('ZJBH', 'number', digits),
  optional('BBH', 'version', digits),
  rule('FZJGDM', 'issuerCode', digits),
  rule('FZJGMC', 'issuerName', text),
  rule('FZRQ', 'issuedAt', day),
  optional('YXQSRQ', 'validFrom', day),
  rule('YXJZRQ', 'validTo', end('compact', '长期')),
  // A normal, D withheld, E and F revoked (撤销, 吊销), G cancelled, C moved away, B replaced, X error.
  rule(
    'ZT',
    'status',
    code({
      A: 'active',
      B: 'changed',
      C: 'transferred_out',
      D: 'suspended',
      F: 'revoked',
      G: 'cancelled',
      X: 'void_error',
    }),
  ),
  optional('XZQH', 'areaCode', digits),
]

const sex = rule('XB', 'sex', code({ '1': '男', '2': '女' }))
const ethnicity = rule('MZ', 'ethnicity', text)
const birthDate = rule('CSRQ', 'birthDate', day)
const citizenId = rule('GMSFHM', 'citizenId', digits)
const authority = rule('QFJG', 'issuingAuthority', text)
const period = rule('YXQX', 'validPeriod', text)
const person = { name: 'XM', id: 'GMSFHM' } as const

const identityCard: readonly FieldRule[] = [
  rule('XM', 'name', text),
  sex,
  ethnicity,
  birthDate,
  rule('ZZ', 'domicile', text),
  citizenId,
  authority,
  period,
]

const household: readonly FieldRule[] = [
  rule('HH', 'householdNumber', digits),
  rule('HB', 'householdType', code({ '1': '家庭户', '2': '集体户' })),
  rule('HZXM', 'headName', text),
  rule('XM', 'memberName', text),
  rule('YHZGX', 'relationToHead', text),
  sex,
  ethnicity,
  birthDate,
  citizenId,
  rule('ZZ', 'domicile', text),
  optional(
    'HYZK',
    'maritalStatus',
    code({ '10': '未婚', '20': '已婚', '30': '丧偶', '40': '离婚' }),
  ),
  optional('WHCD', 'education', text),
  authority,
]

const residence: readonly FieldRule[] = [
  rule('XM', 'name', text),
  sex,
  ethnicity,
  birthDate,
  rule('HKSZD', 'registeredAddress', text),
  rule('JZDZ', 'residenceAddress', text),
  citizenId,
  authority,
  period,
]

const exitEntry: readonly FieldRule[] = [
  rule('ZJHM', 'documentNumber', digits),
  rule('XM', 'name', text),
  sex,
  birthDate,
  citizenId,
  rule('QFDD', 'issuePlace', text),
  authority,
  period,
  optional('QZ', 'endorsement', text),
]

const driver: readonly FieldRule[] = [
  rule('SFZMHM', 'licenceNumber', digits),
  rule('XM', 'name', text),
  sex,
  rule('GJ', 'nationality', text),
  rule('ZZ', 'domicile', text),
  birthDate,
  rule('CCLZRQ', 'firstIssueDate', day),
  rule('ZJCX', 'vehicleClass', digits),
  period,
  rule('DABH', 'archiveNumber', digits),
  rule('LJJF', 'demeritPoints', number),
]

const vehicle: readonly FieldRule[] = [
  rule('HPHM', 'plateNumber', digits),
  rule('CLLX', 'vehicleType', text),
  rule('SYR', 'owner', text),
  rule('SFZMHM', 'ownerId', digits),
  rule('ZZ', 'address', text),
  rule('SYXZ', 'useNature', text),
  rule('PPXH', 'brandModel', text),
  rule('CLSBDH', 'vin', digits),
  rule('FDJH', 'engineNumber', digits),
  rule('CCDJRQ', 'registerDate', day),
  rule('BFRQ', 'issueDate', day),
  rule('HDZK', 'approvedPassengers', number),
  rule('ZZL', 'totalMassKg', number),
  rule('JYYXQZ', 'inspectionValidTo', month),
]

/** Businesses by licence type code; a hall's settings say which of them it serves. */
export const businesses: ReadonlyMap<string, PoliceBusiness> = new Map<string, PoliceBusiness>([
  [
    '113702990037000297016',
    { business: 'IDENTITY', mode: 'check', head, surface: identityCard, holder: person },
  ],
  [
    '11370299003700045W007',
    { business: 'EXIT-ENTRY', mode: 'check', head, surface: exitEntry, holder: person },
  ],
  [
    '113702990037000297004',
    { business: 'HOUSEHOLD', mode: 'apply', head, surface: household, holder: person },
  ],
  [
    '113702990037000297017',
    { business: 'RESIDENCE', mode: 'apply', head, surface: residence, holder: person },
  ],
  [
    '113702990037000372005',
    {
      business: 'DRIVER',
      mode: 'apply',
      head,
      surface: driver,
      holder: { name: 'XM', id: 'SFZMHM' },
    },
  ],
  [
    '113702990037000372006',
    {
      business: 'VEHICLE',
      mode: 'apply',
      head,
      surface: vehicle,
      holder: { name: 'SYR', id: 'SFZMHM' },
    },
  ],
])
