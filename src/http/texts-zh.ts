/** Every sentence that this surface says to a caller, besides the titles of the error table. */
export const textsZh = {
  signatureHeadersMissing: '请求缺少 Signature 与 Signature-Input 头,请按接口说明签名后再发送',
  headerRepeated: (name: string) => `请求头 ${name} 只能出现一次`,
  headerNotAscii: (name: string) => `请求头 ${name} 只能使用可见的 ASCII 字符`,
  signatureUnreadable: (rule: string) => `签名头不合规定(${rule})`,
  signatureWrong: '签名与请求内容不符:请核对方法、网址、所签的头和所用的密钥',
  certificateNotYet: '客户端证书尚未生效',
  certificateEnded: '客户端证书已过期,请换发',
  certificateRevoked: '客户端证书已吊销,请改用有效证书',
  clientSuspended: '客户端已停用,请联系管理员',
  clockSkew: (skew: { seconds: number; ahead: boolean; maxSeconds: number }) =>
    `请求时间比网关时间${skew.ahead ? '快' : '慢'} ${String(skew.seconds)} 秒,最多允许相差 ${String(skew.maxSeconds)} 秒;请校准时钟`,
  signatureExpired: (seconds: number) => `签名已过期 ${String(seconds)} 秒,请重新签名`,
  tooManyRequests: '本客户端请求过于频繁,请稍后再试',
  tooManyOfOperator: '本经办人在一段时间内的查询次数已到上限,请稍后再试',
  tooManyAtOnce: '网关正忙,请稍后再试',
  registryUnreadable: '网关暂时读不出登记信息,请稍后再试',
  digestMissing: '有内容的请求须带 Content-Digest 头并纳入签名',
  digestNotOfProfile: '本网关只用国密算法,Content-Digest 须为 sm3',
  digestUnreadable: 'Content-Digest 须只含 sha-256 或 sm3 之一',
  digestWrong: '收到的内容与 Content-Digest 不一致',
  bodyCutShort: '请求内容没有传完',
  bodyTooLarge: (bytesMax: number) => `请求内容超过 ${String(bytesMax)} 字节`,
  targetTooLong: '网址过长',
  contentTypeJson: '请求内容须为 application/json(UTF-8)',
  contentTypeStream: '分块内容须为 application/x-ndjson 或 text/csv',
  contentEncoded: '请求内容不得压缩',
  jsonMalformed: (position: number | undefined) =>
    position === undefined
      ? '请求内容不是合法的 JSON'
      : `请求内容在第 ${String(position + 1)} 个字符处不是合法的 JSON`,
  bodyMissing: '请求没有内容',
  idempotencyKeyMissing: '此接口须带 Idempotency-Key 头',
  idempotencyKeyLong: 'Idempotency-Key 长度须为 1 至 255 个字符',
  sequenceMalformed: 'Zhengqiao-Seq 须为非负整数',
  lastMalformed: 'Zhengqiao-Last 须为用证回执编号',
  nulCharacter: '不得含有空字符(NUL)',
  operatorMissing: '请求须用 Zhengqiao-Operator 头写明经办人',
  operatorNotYours: '经办人未登记在本系统名下',
  queryRepeated: '同一查询参数只能出现一次',
} as const

/** What is wrong with one value of a body or query, by zod's issue codes. */
export const fieldTextsZh = {
  unknown: '不认识的字段',
  missing: '缺少此项',
  wrongType: (expected: string) => `类型不对,应为${typeNamesZh[expected] ?? expected}`,
  tooSmall: (minimum: string, unit: string) => `不得少于 ${minimum}${unit}`,
  tooBig: (maximum: string, unit: string) => `不得超过 ${maximum}${unit}`,
  notOneOf: (values: string) => `只能是以下之一:${values}`,
  format: '格式不正确',
  multipleOf: (divisor: string) => `须为 ${divisor} 的倍数`,
  noneFits: '不符合任何一种允许的形式',
  other: '不符合要求',
} as const

/** Units of zod's size issues. */
export const unitsZh: Readonly<Record<string, string>> = {
  string: ' 个字符',
  array: ' 项',
  set: ' 项',
  file: ' 字节',
}

const typeNamesZh: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  int: '整数',
  bigint: '整数',
  boolean: 'true 或 false',
  object: '对象',
  array: '数组',
  record: '对象',
  null: 'null',
  date: '日期',
}
