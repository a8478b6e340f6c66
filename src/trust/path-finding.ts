/** What a finding is about; one passed check a group is reported when nothing was found in it. */
export const findingGroups = {
  path: ['a path to a trust anchor was built', '已找到通往信任锚的证书路径'],
  signature: ['all signatures of the path are right', '证书路径上的签名均正确'],
  algorithm: ['algorithms and keys are strong enough', '算法与密钥强度符合要求'],
  validity: ['all certificates are within their validity', '证书均在有效期内'],
  constraints: [
    'CA marks, path lengths and key usages hold',
    'CA 标志、路径长度与密钥用途符合要求',
  ],
  names: ['all names are within the name constraints', '名称均在名称限制之内'],
  policies: ['certificate policies hold', '证书策略符合要求'],
  purpose: ['the certificate may be used for this purpose', '证书可用于此用途'],
  profile: ['the certificates follow RFC 5280', '证书格式符合 RFC 5280'],
  revocation: ['nothing on the path is revoked', '路径上的证书均未被吊销'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>

export type FindingGroup = keyof typeof findingGroups

type Kind = {
  readonly group: FindingGroup
  /** `open`: data is missing, so the verdict is INDETERMINATE; `broken`: it is FAILED. */
  readonly effect: 'broken' | 'open'
  /** Sub-indication of ETSI EN 319 102-1. */
  readonly subIndication: string
  readonly message: string
  readonly messageZh: string
}

const kind =
  (group: FindingGroup, effect: Kind['effect'], subIndication: string) =>
  (message: string, messageZh: string): Kind => ({
    ...{ group, effect, subIndication, message, messageZh },
  })

const noChain = kind('path', 'open', 'NO_CERTIFICATE_CHAIN_FOUND')
const general = kind('path', 'open', 'CERTIFICATE_CHAIN_GENERAL_FAILURE')
const format = kind('path', 'broken', 'FORMAT_FAILURE')
const signature = kind('signature', 'broken', 'SIG_CRYPTO_FAILURE')
const algorithm = kind('algorithm', 'broken', 'CRYPTO_CONSTRAINTS_FAILURE')
const constraint = kind('constraints', 'broken', 'CHAIN_CONSTRAINTS_FAILURE')
const name = kind('names', 'broken', 'CHAIN_CONSTRAINTS_FAILURE')
const policy = kind('policies', 'broken', 'CHAIN_CONSTRAINTS_FAILURE')
const purpose = kind('purpose', 'broken', 'SIG_CONSTRAINTS_FAILURE')
const profile = kind('profile', 'broken', 'CHAIN_CONSTRAINTS_FAILURE')
const unknownStatus = kind('revocation', 'open', 'TRY_LATER')

/** Everything that can be wrong with a path. Codes are never renamed. */
export const findingKinds = {
  malformed_certificate: format('the certificate is not well-formed', '证书格式错误,无法解析'),
  no_path: noChain('no path to a trust anchor', '找不到通往信任锚的证书路径'),
  budget_exceeded: general('the search for a path was given up', '证书路径过于复杂,已停止查找'),
  signature_invalid: signature('a signature is wrong', '证书签名不正确'),
  signature_algorithm_mismatch: signature(
    'the algorithm inside and outside the signed part differ',
    '证书内外标明的签名算法不一致',
  ),
  unsupported_algorithm: algorithm('an algorithm or key is not supported', '不支持的算法或密钥'),
  weak_algorithm: algorithm('a signature algorithm is too weak', '签名算法强度不足'),
  weak_key: algorithm('a key is too weak', '密钥强度不足'),
  not_yet_valid: kind('validity', 'broken', 'NOT_YET_VALID')('not yet valid', '证书尚未生效'),
  expired: kind('validity', 'broken', 'EXPIRED')('expired', '证书已过期'),
  not_ca: constraint('an issuer is not a CA', '签发者不是 CA 证书'),
  path_length_exceeded: constraint('too many CAs on the path', '证书路径超过允许的长度'),
  key_usage_no_cert_sign: constraint(
    'an issuer may not sign certificates',
    '签发者的密钥不得用于签发证书',
  ),
  chain_depth_exceeded: constraint('the path is longer than asked for', '证书路径超过要求的长度'),
  issuer_name_mismatch: constraint('issuer and subject do not chain', '签发者与上级名称不一致'),
  unknown_critical_extension: constraint(
    'a critical extension is not understood',
    '证书含有无法识别的关键扩展',
  ),
  name_not_permitted: name('a name is outside the permitted ones', '名称不在允许范围内'),
  name_excluded: name('a name is excluded', '名称在禁止范围内'),
  name_constraint_unsupported: name(
    'a name constraint cannot be applied',
    '名称限制无法适用,按不通过处理',
  ),
  policy_mapping_any: policy('anyPolicy is mapped', '证书策略映射使用了任意策略'),
  policy_required: policy('no acceptable policy on the whole path', '证书路径上没有可接受的策略'),
  purpose_not_allowed: purpose('extended key usage forbids it', '扩展密钥用途不允许此用途'),
  anchor_purpose: purpose('the trust anchor does not serve this purpose', '信任锚不用于此用途'),
  key_usage_not_allowed: purpose('key usage forbids it', '密钥用途不允许此用途'),
  peer_name_mismatch: purpose('the certificate is for another name', '证书名称与预期不符'),
  malformed_extension: profile('an extension is malformed', '证书扩展格式错误'),
  repeated_extension: profile('an extension stands twice', '证书扩展重复出现'),
  serial_not_positive: profile('serial number is not positive', '证书序列号不是正数'),
  serial_too_long: profile('serial number is longer than 20 octets', '证书序列号超过 20 字节'),
  issuer_empty: profile('issuer name is empty', '签发者名称为空'),
  subject_empty: profile(
    'subject is empty, without a critical alternative name',
    '主体名称为空且没有关键的主体别名',
  ),
  alternative_name_malformed: profile('an alternative name is malformed', '主体别名格式错误'),
  must_be_critical: profile('an extension must be critical', '证书扩展应标为关键'),
  must_not_be_critical: profile('an extension must not be critical', '证书扩展不得标为关键'),
  authority_key_identifier_missing: profile(
    'authority key identifier is missing',
    '缺少颁发机构密钥标识符',
  ),
  authority_key_identifier_mismatch: profile(
    'authority key identifier names another key than the issuer has',
    '颁发机构密钥标识符与签发者的密钥不一致',
  ),
  subject_key_identifier_missing: profile(
    'subject key identifier of a CA is missing',
    'CA 证书缺少主体密钥标识符',
  ),
  key_usage_empty: profile('key usage has no bit', '密钥用途为空'),
  key_usage_missing: profile('key usage of a CA is missing', 'CA 证书缺少密钥用途'),
  cert_sign_without_ca: profile('keyCertSign without CA mark', '非 CA 证书标有证书签发用途'),
  path_length_without_ca: profile(
    'path length without CA mark or keyCertSign',
    '非 CA 证书标有路径长度限制',
  ),
  name_constraints_misplaced: profile(
    'name constraints outside a CA certificate',
    '非 CA 证书含有名称限制',
  ),
  name_constraints_malformed: profile('name constraints are malformed', '名称限制格式错误'),
  policy_constraints_empty: profile('policy constraints are empty', '策略限制为空'),
  policy_repeated: profile('a policy stands twice', '证书策略重复出现'),
  policy_qualifier_unknown: profile(
    'a critical policy qualifier is not understood',
    '关键策略限定符无法识别',
  ),
  version_too_low: profile('a CA certificate is not version 3', 'CA 证书不是第 3 版'),
  revoked: kind('revocation', 'broken', 'REVOKED')('revoked', '证书已被吊销'),
  on_hold: kind('revocation', 'open', 'REVOKED_NO_POE')('suspended', '证书已被暂停'),
  revocation_unknown: unknownStatus(
    'no usable revocation data',
    '没有可用的吊销信息,无法确认证书是否被吊销',
  ),
} as const satisfies Readonly<Record<string, Kind>>

export type FindingCode = keyof typeof findingKinds

/** One thing found on a path. `position` counts certificates from the leaf, 0. */
export type Finding = {
  readonly code: FindingCode
  readonly position: number
  /** What exactly, for the report: an OID, a rule, a time; never content of the certificate's names. */
  readonly detail?: string
}

/** A finding in one certificate, before its place on a path is known. */
export type ProfileFault = { readonly code: FindingCode; readonly detail?: string }
