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

const rule = (wire: string, key: string, form: FieldForm): FieldRule => ({ wire, key, form })
const optional = (wire: string, key: string, form: FieldForm): FieldRule => ({
  wire,
  key,
  form,
  optional: true,
})

const day = date('compact')

/** What every record of the platform has besides its own items. */
const head: readonly FieldRule[] = [
  optional('ZZBS', 'identifier', digits),
  rule('ZZBH', 'number', digits),
  rule('BBH', 'version', digits),
  rule('FZJGDM', 'issuerCode', digits),
  rule('FZJG', 'issuerName', text),
  rule('FZRQ', 'issuedAt', day),
  optional('YXQQSRQ', 'validFrom', day),
  rule('YXQJZRQ', 'validTo', end('compact', '99991231')),
  rule(
    'ZTDM',
    'status',
    code({
      '1': 'active',
      '2': 'suspended',
      '3': 'changed',
      '4': 'cancelled',
      '5': 'revoked',
      '6': 'transferred_out',
      '9': 'void_error',
    }),
  ),
  optional('XZQHDM', 'areaCode', digits),
]

const sex = code({ '1': '男', '2': '女' })
const insurance = code({
  '110': '城镇职工基本养老保险',
  '170': '城乡居民基本养老保险',
  '210': '失业保险',
  '310': '城镇职工基本医疗保险',
  '410': '工伤保险',
})
const education = code({
  '14': '硕士研究生',
  '20': '大学本科',
  '30': '大学专科',
  '40': '中等职业',
  '60': '普通高中',
  '70': '初中',
  '80': '小学',
})

const person = [rule('AAC003', 'name', text), rule('AAC002', 'citizenId', digits)] as const

const card: readonly FieldRule[] = [
  ...person,
  rule('AAZ500', 'cardNumber', digits),
  rule('AAC004', 'sex', sex),
  rule('AAZ503', 'issueDate', day),
  rule('AAE008', 'bankName', text),
  rule('AAZ502', 'cardStatus', code({ '1': '正常', '2': '挂失', '9': '注销' })),
  optional('AAZ501', 'cardGeneration', code({ '2': '二代', '3': '三代' })),
]

const contributions: readonly FieldRule[] = [
  ...person,
  rule('AAC001', 'socialSecurityNumber', digits),
  rule('AAE140', 'insuranceType', insurance),
  rule('AAC031', 'insuredStatus', code({ '1': '参保缴费', '2': '暂停缴费', '3': '终止缴费' })),
  optional('AAB004', 'employerName', text),
  rule('AAE041', 'periodFrom', month),
  rule('AAE042', 'periodTo', month),
  rule('AAE201', 'totalMonths', number),
  rule('AAC040', 'contributionBase', number),
]

const rights: readonly FieldRule[] = [
  ...person,
  rule('AAE001', 'recordYear', digits),
  rule('AAE140', 'insuranceType', insurance),
  rule('AAE202', 'monthsThisYear', number),
  rule('AAE201', 'cumulativeMonths', number),
  rule('AAC040', 'contributionBase', number),
  rule('AAE240', 'personalAccountBalance', number),
  optional('AAB004', 'employerName', text),
]

const employment: readonly FieldRule[] = [
  ...person,
  rule('AAC004', 'sex', sex),
  rule('AAC006', 'birthDate', day),
  rule('AAC005', 'ethnicity', text),
  rule('AAC011', 'education', education),
  rule('AAC010', 'registeredAddress', text),
  rule('ACC02A', 'employmentStatus', code({ '1': '就业登记', '2': '失业登记', '3': '灵活就业' })),
  optional('ACC02B', 'hardshipCategory', text),
  rule('ACC02C', 'registerDate', day),
  rule('ACC02D', 'issuingAuthority', text),
]

/** Mapping tables by licence type code: 社会保障卡, 参保缴费证明, 个人权益记录单, 就业创业证. */
export const tables: ReadonlyMap<string, LicenceTables> = new Map([
  ['11370299003700010A001', { head, surface: card }],
  ['11370299003700010A002', { head, surface: contributions }],
  ['11370299003700010A018', { head, surface: rights }],
  ['11370299003700010A003', { head, surface: employment }],
])
