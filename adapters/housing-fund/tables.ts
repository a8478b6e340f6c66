import {
  code,
  date,
  digits,
  end,
  fen,
  month,
  number,
  text,
  type FieldForm,
  type FieldRule,
  type LicenceTables,
} from '../../src/halls/adapter.ts'

/** One transaction of the fund's system that yields licences. */
export type FundTransaction = LicenceTables & {
  readonly transaction: string
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
  optional('dzzzbs', 'identifier', digits),
  rule('zmbh', 'number', digits),
  optional('bbh', 'version', digits),
  rule('jgdm', 'issuerCode', digits),
  rule('jgmc', 'issuerName', text),
  rule('cjrq', 'issuedAt', day),
  optional('yxqsrq', 'validFrom', day),
  rule('yxjzrq', 'validTo', end('compact', '99991231')),
  rule(
    'zmzt',
    'status',
    code({
      '01': 'active',
      '02': 'suspended',
      '03': 'changed',
      '04': 'cancelled',
      '05': 'revoked',
      '06': 'transferred_out',
      '09': 'void_error',
    }),
  ),
  optional('xzqh', 'areaCode', digits),
]

const deposit: readonly FieldRule[] = [
  rule('grxm', 'name', text),
  rule('zjhm', 'citizenId', digits),
  rule('grzh', 'accountNumber', digits),
  rule('grzhzt', 'accountStatus', code({ '01': '正常', '02': '封存', '03': '销户' })),
  rule('dwmc', 'employerName', text),
  rule('khrq', 'openedAt', day),
  rule('jzny', 'paidThrough', month),
  rule('grjcjs', 'contributionBase', fen),
  rule('dwjcbl', 'employerRate', number),
  rule('grjcbl', 'personalRate', number),
  rule('yjce', 'monthlyAmount', fen),
  rule('grzhye', 'balance', fen),
]

const settledLoan: readonly FieldRule[] = [
  rule('jkrxm', 'borrowerName', text),
  rule('jkrzjh', 'borrowerId', digits),
  rule('jkhtbh', 'contractNumber', digits),
  rule('dkje', 'loanAmount', fen),
  rule('fkrq', 'loanDate', day),
  rule('jqrq', 'settledDate', day),
  rule('fwzl', 'propertyLocation', text),
  rule('swtyh', 'entrustedBank', text),
]

/** Transactions by licence type code: 缴存证明, 贷款结清证明. */
export const transactions: ReadonlyMap<string, FundTransaction> = new Map([
  [
    '11370299003700061J011',
    { transaction: '6101', head, surface: deposit, holder: { name: 'grxm', id: 'zjhm' } },
  ],
  [
    '11370299003700061J019',
    { transaction: '6102', head, surface: settledLoan, holder: { name: 'jkrxm', id: 'jkrzjh' } },
  ],
])

export const heartbeat = '0001'
export const supervision = '0002'
