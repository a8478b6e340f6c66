import {
  code,
  date,
  digits,
  end,
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

const day = date('chinese')

const head: readonly FieldRule[] = [
  optional('ZZBS', 'identifier', digits),
  rule('BDCQZH', 'number', digits),
  optional('BBH', 'version', digits),
  rule('DJJGDM', 'issuerCode', digits),
  rule('DJJG', 'issuerName', text),
  rule('DJSJ', 'issuedAt', day),
  optional('QSRQ', 'validFrom', day),
  rule('JZRQ', 'validTo', end('chinese', '长期')),
  // 现势 current, 查封 seized, 历史 replaced, 注销 cancelled, 撤销 revoked, 作废 void.
  rule(
    'QSZT',
    'status',
    code({
      '1': 'active',
      '2': 'suspended',
      '0': 'changed',
      '3': 'cancelled',
      '4': 'revoked',
      '5': 'transferred_out',
      '9': 'void_error',
    }),
  ),
  optional('QXDM', 'areaCode', digits),
]

const certificate: readonly FieldRule[] = [
  rule('BDCDYH', 'unitNumber', digits),
  rule('ZL', 'location', text),
  rule('QLR', 'rightHolder', text),
  rule('QLRZJH', 'rightHolderId', text),
  rule('GYQK', 'coOwnership', code({ '0': '单独所有', '1': '共同共有', '2': '按份共有' })),
  rule('QLLX', 'rightType', text),
  rule('QLXZ', 'rightNature', text),
  rule('YT', 'usage', text),
  rule('MJ', 'area', text),
  rule('JZMJ', 'buildingArea', number),
  rule('SYQX', 'usePeriod', text),
  optional('QTZK', 'otherConditions', text),
  optional('FJ', 'appendix', text),
]

const proof: readonly FieldRule[] = [
  rule('ZMQLHSX', 'certifiedRight', text),
  rule('QLR', 'rightHolder', text),
  rule('QLRZJH', 'rightHolderId', text),
  rule('YWR', 'obligor', text),
  rule('ZL', 'location', text),
  rule('BDCDYH', 'unitNumber', digits),
  optional('QT', 'otherConditions', text),
  optional('FJ', 'appendix', text),
]

/** One question that the land side answers through the front-end database. */
export type LandInterface = LicenceTables & { readonly name: string }

/** Interfaces by licence type code: 不动产权证书, 不动产登记证明. */
export const interfaces: ReadonlyMap<string, LandInterface> = new Map([
  ['11370299003700053P009', { name: 'BDCQZS', head, surface: certificate }],
  ['11370299003700053P010', { name: 'BDCDJZM', head, surface: proof }],
])

export const heartbeat = 'XT'
export const supervision = 'YW'
