/** What each check says when it passes and when it does not, English and Chinese. */
export const checkTexts = {
  artefact_known: [
    ['the kind of file is known', '文件类型可识别'],
    ['this is no artefact that can be verified here', '无法识别这是什么文件,不能核验'],
  ],
  credential_format: [
    ['well-formed SD-JWT', '凭据格式正确'],
    ['not a well-formed SD-JWT', '凭据格式错误'],
  ],
  credential_type: [
    ['the type is dc+sd-jwt', '凭据类型为 dc+sd-jwt'],
    ['the type is not dc+sd-jwt', '不是证照凭据类型'],
  ],
  credential_algorithm: [
    ['the algorithm can be verified here', '签名算法可核验'],
    ['the algorithm cannot be verified here', '本程序不能核验此签名算法'],
  ],
  issuer_certificate: [
    ['the issuer’s certificate is enclosed', '凭据附有签发机构证书'],
    ['the issuer’s certificate is missing or unreadable', '凭据缺少可读的签发机构证书'],
  ],
  signature: [
    ['the issuer’s signature is right', '签发机构的签名正确'],
    ['the issuer’s signature is wrong', '签发机构的签名不正确,内容可能被改动'],
  ],
  disclosures: [
    ['every disclosed field is one that was signed', '所披露的字段均为签发时的内容'],
    ['a disclosed field is not one that was signed', '所披露的字段与签发时的内容不符'],
  ],
  issue_time: [
    ['issued before the time of judgement', '签发时间早于核验时间'],
    ['the stated times do not allow it at the time of judgement', '凭据所载时间在核验时不成立'],
  ],
  key_binding: [
    ['no key binding, as licence credentials have none', '没有持有人绑定(证照凭据本不含)'],
    ['key binding is not valid', '持有人绑定不正确'],
  ],
  issuer_binding: [
    ['the certificate names the issuer', '证书所载机构即签发机构'],
    ['the certificate is of another issuer', '签名所用证书不属于所称的签发机构'],
  ],
  credential_claims: [
    ['all claims of a licence credential are there', '证照凭据的各项要素齐全'],
    ['claims of a licence credential are missing or contradict', '证照凭据的要素缺失或矛盾'],
  ],
  issue_within_certificate: [
    ['issued while the certificate was valid', '签发时间在证书有效期内'],
    [
      'the stated time of issue is outside the certificate’s validity',
      '所称签发时间不在证书有效期内',
    ],
  ],
  licence_validity: [
    ['within the licence’s own validity', '证照在有效期内'],
    ['outside the licence’s own validity', '证照不在其有效期内'],
  ],
  licence_status: [
    ['the licence’s status was looked up', '已查询证照状态'],
    [
      'the licence’s status is not in the credential and was not looked up',
      '凭据不含证照当前状态,未查询',
    ],
  ],
  attested_by: [
    ['the department that issued it signed it', '由颁发部门签名'],
    [
      'the gateway attests what the hall answered; the department did not sign it',
      '由网关转证大厅的应答,颁发部门未签名',
    ],
  ],
  key_custody: [
    ['the department holds its own signing key', '签发密钥由签发机构自行保管'],
    ['the gateway holds the department’s signing key', '签发密钥由网关代管'],
  ],
  use: [
    ['the receipt shows who used it and for what', '回执载明由谁、因何事使用'],
    ['genuine; use not shown', '凭据真实,但未载明由谁、因何事使用'],
  ],
  receipt_format: [
    ['well-formed receipt', '回执格式正确'],
    ['not a well-formed receipt', '回执格式错误'],
  ],
  receipt_number: [
    ['the receipt number is right', '回执编号校验正确'],
    ['the receipt number is wrong', '回执编号校验不正确'],
  ],
  event_canonical: [
    ['the event is canonical JSON', '事件内容为规范 JSON'],
    ['the event is not canonical JSON', '事件内容不是规范 JSON'],
  ],
  event_number: [
    ['the event carries the receipt’s number', '事件内编号与回执编号一致'],
    ['the event carries another number', '事件内编号与回执编号不一致'],
  ],
  checkpoint_signature: [
    ['the checkpoint is signed by its log', '检查点由其日志签名'],
    ['the checkpoint is not rightly signed by its log', '检查点的日志签名不正确'],
  ],
  log_known: [
    ['the log’s key is trusted', '日志公钥受信任'],
    ['no trusted key of this log', '信任目录里没有这个日志的公钥'],
  ],
  inclusion: [
    ['the event stands in the log at this place', '事件确在日志的这一位置'],
    ['the event does not stand in the log at this place', '事件不在日志的这一位置,内容可能被改动'],
  ],
  cosignature: [
    ['a witness has cosigned the checkpoint', '检查点有见证方联署'],
    ['no known witness has cosigned the checkpoint', '检查点没有已知见证方的联署'],
  ],
  response_digest: [
    ['the data is what was answered', '数据与当时的应答一致'],
    ['the data is not what was answered', '数据与当时的应答不一致'],
  ],
  licences_listed: [
    ['the event lists every disclosed licence and field', '事件列有所披露的每份证照和字段'],
    ['a disclosed licence or field is not listed in the event', '所披露的证照或字段未列入事件'],
  ],
  fields_match: [
    ['the fields beside a credential are those that were signed', '所列字段与凭据内容一致'],
    ['a field beside a credential differs from what was signed', '所列字段与凭据内容不一致'],
  ],
  certificate_format: [
    ['well-formed certificate', '证书格式正确'],
    ['not a well-formed certificate', '证书格式错误'],
  ],
  timestamp_format: [
    ['well-formed timestamp token', '时间戳格式正确'],
    ['not a well-formed timestamp token of one signer', '时间戳格式错误,或签名者不止一个'],
  ],
  timestamp_signer: [
    ['the token names the authority’s certificate', '时间戳写明了所用的签发证书'],
    ['the authority’s certificate is missing or another', '缺少时间戳的签发证书,或与所写明的不符'],
  ],
  timestamp_algorithm: [
    ['the timestamp’s algorithms are strong enough', '时间戳所用算法强度符合要求'],
    ['the timestamp’s algorithms are weak or unknown', '时间戳所用算法强度不足或无法识别'],
  ],
  timestamp_signature: [
    ['the timestamp’s signature is right', '时间戳签名正确'],
    ['the timestamp’s signature is wrong', '时间戳签名不正确'],
  ],
  timestamp_imprint: [
    ['the data is what was stamped', '数据与加盖时间戳时一致'],
    ['the data is missing or not what was stamped', '缺少原数据,或与加盖时间戳时不一致'],
  ],
  timestamp_purpose: [
    ['the certificate is for timestamps alone', '签发证书专用于时间戳'],
    ['the certificate is not for timestamps alone', '签发证书不是时间戳专用证书'],
  ],
  timestamp_time: [
    ['the stamped time is possible', '时间戳所载时间成立'],
    [
      'the stamped time is later than the time of judgement or outside the certificate’s validity',
      '时间戳所载时间晚于核验时间,或不在签发证书有效期内',
    ],
  ],
  cms_format: [
    ['well-formed signed data', '签名数据格式正确'],
    ['not well-formed signed data, or nobody signed', '签名数据格式错误,或无人签名'],
  ],
  cms_signer: [
    ['the signer’s certificate is at hand', '已找到签名人证书'],
    ['the signer’s certificate is missing', '缺少签名人证书'],
  ],
  cms_content: [
    ['the content is what was signed', '内容与签名时一致'],
    ['the content is missing or not what was signed', '缺少所签内容,或与签名时不一致'],
  ],
  cms_signature: [
    ['the signature is right', '签名正确'],
    ['the signature is wrong', '签名不正确'],
  ],
  cms_key_usage: [
    ['the signer’s key may sign documents', '签名人的密钥可用于签名'],
    ['the signer’s key may not sign documents', '签名人的密钥不得用于签名'],
  ],
  parts: [
    ['everything inside was verified', '所含凭据、回执均已核验'],
    ['something inside did not pass', '所含凭据或回执未通过核验'],
  ],
} as const satisfies Readonly<
  Record<string, readonly [readonly [string, string], readonly [string, string]]>
>

export type CheckCode = keyof typeof checkTexts
