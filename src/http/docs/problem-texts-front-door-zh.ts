import { clientSide, gatewaySide } from './problem-page-text.ts'

/** Problems that a request meets before its endpoint looks at it, in the order of refusals. */
export const frontDoorTexts = {
  route_not_found: clientSide(
    '网址没有对应的接口。网址按字节比较:大小写、双斜线、百分号编码、“..”都不会被改写。',
    ['对照 /docs 核对路径。', '去掉网址末尾多余的斜线和编码字符。'],
    'No such address. Paths are compared byte by byte; nothing is normalised.',
  ),
  method_not_allowed: clientSide(
    '这个网址存在,但不接受所用的请求方法。',
    ['应答的 Allow 头列出可用的方法,改用其中之一。'],
    'The address exists, the method does not. The Allow header lists those that do.',
  ),
  rate_limited: clientSide(
    '请求超过了限额:每个客户端有令牌桶,每个经办人十分钟内的查询次数也有上限;或网关此刻同时处理的请求已满。',
    [
      '按 Retry-After(或 retryAfterMs)等待后,用同一幂等键、新的签名再发。',
      '看 RateLimit-Remaining 与 RateLimit-Reset,提前放慢。',
      '正常业务仍然碰到上限时,请联系网关管理员调整限额。',
    ],
    'Too many requests from this client or for this operator, or the gateway is full. Wait as told, then repeat with the same idempotency key.',
  ),
  head_too_large: clientSide(
    '请求头总长或网址超过上限。',
    ['去掉多余的请求头(如转发时层层追加的头)。', '网址不超过 4096 个字符。'],
    'The request head or the address is too long.',
  ),
  body_too_large: clientSide(
    '请求内容超过此接口的上限,没有读取。',
    ['把内容拆成几次请求。', '存量证照请用批次分块上传。'],
    'The body is larger than this endpoint takes; split it.',
  ),
  chunk_too_large: clientSide(
    '批次的一个分块超过 50 MB。',
    ['在整行处把文件切成更小的分块。', '建立批次时按切好的块数填写 expectedChunks。'],
    'A chunk is larger than 50 MB; cut the file at line ends.',
  ),
  signature_required: clientSide(
    '请求没有 Signature 与 Signature-Input 头。除健康检查、接口说明和公开日志外,所有接口都须签名。',
    ['按 RFC 9421 签名,见 /docs 的“如何签名”;各语言样例在 docs/connect。'],
    'The request is not signed. Sign it by RFC 9421 as /docs shows.',
  ),
  client_unknown: clientSide(
    '签名里的 keyid 不是任何已登记客户端证书的指纹。',
    [
      'keyid 应是证书 DER 的 SHA-256,base64url,无填充。',
      '确认证书已由管理员登记在本客户端名下,且没有连错环境(测试与正式互不通用)。',
    ],
    'The keyid is not the fingerprint of a registered certificate.',
  ),
  certificate_expired: clientSide(
    '客户端证书尚未生效或已经到期。',
    ['向管理员申请换发证书。', '换发后旧证书到期前两张可并用,便于平滑切换。'],
    'The client certificate is outside its validity; renew it.',
  ),
  certificate_revoked: clientSide(
    '客户端证书已被吊销,或客户端已停用。',
    ['停止使用这把密钥。', '如不是贵方主动吊销,请立即联系安全管理员,核查密钥是否泄露。'],
    'The certificate was revoked or the client suspended. If that surprises you, call the security officer.',
  ),
  clock_skew: clientSide(
    '签名时间(created)与网关时间相差超过允许范围,或签名已过 expires。detail 写明相差多少秒。',
    ['用 NTP 校准本机时钟。', '签好就发,不要提前签名排队。'],
    'The signature’s time is too far from ours; the detail says by how many seconds. Fix the clock.',
  ),
  signature_invalid: clientSide(
    '签名头不合规定,或签名与收到的请求不符。',
    [
      '对照 /docs 的“如何签名”逐行比较签名文本(signature base):方法、完整网址、所签的头。',
      '@target-uri 必须是网关对外公布的网址,不是内网地址。',
      '签名值是 r‖s 共 64 字节;openssl 输出的是 DER,须转换。',
      '中间的代理不得改写网址、正文或被签的头。',
    ],
    'The signature does not fit what arrived. Compare the signature base line by line: URL, covered headers, r‖s instead of DER.',
  ),
  nonce_replayed: clientSide(
    '同一个 nonce 已经用过:这份签名请求曾经到达网关。',
    ['每次发送(包括重试)都重新签名,换新的 nonce。', '确认没有人截取并重放贵方的请求。'],
    'This signed request arrived before. Sign anew for every attempt.',
  ),
  scope_missing: clientSide(
    '客户端的角色不包括此接口,或所办的事不属于本机构。',
    ['对照 /docs 看此接口允许哪些角色。', '确有需要时,请管理员调整客户端的角色。'],
    'The client’s roles do not include this endpoint.',
  ),
  digest_mismatch: clientSide(
    '收到的正文与 Content-Digest 不一致,或正文没有传完。',
    ['对实际发送的字节计算摘要,不要在计算后再改写 JSON。', '重新签名后再发。'],
    'The bytes that arrived are not the ones that were signed.',
  ),
  file_type_unsupported: clientSide(
    'Content-Type 不是此接口接受的类型,或正文经过压缩。',
    [
      'JSON 接口用 application/json(UTF-8)。',
      '分块上传用 application/x-ndjson 或 text/csv。',
      '不要使用 Content-Encoding。',
    ],
    'The content type is not one that this endpoint takes, or the body is compressed.',
  ),
  malformed_json: clientSide(
    '正文不是合法的 JSON:语法错误、重复的成员、孤立的代理字符、嵌套过深都会被拒绝。detail 写明位置。',
    ['用标准库生成 JSON,不要拼接字符串。', '确认编码是 UTF-8,没有 BOM。'],
    'The body is not strict JSON; the detail says where.',
  ),
  unknown_field: clientSide(
    '正文或查询参数里有接口不认识的字段。errors 逐项给出位置。',
    ['多半是拼写错误,对照 /docs 修改。', '不需要的字段请删去。'],
    'A member that this endpoint does not know; `errors` names each place.',
  ),
  validation_failed: clientSide(
    '字段的值不符合要求。errors 逐项给出位置(JSON Pointer)、代码和说明。',
    ['按 errors 逐项修改后再发。', '把 detail 直接显示给经办人通常就够了。'],
    'Values are not as the schema asks; `errors` names each place.',
  ),
  idempotency_key_reused: clientSide(
    '同一个 Idempotency-Key 曾用于内容不同的请求。',
    ['每一件新的事用新的键。', '只有重发同一请求时才用原来的键和原来的正文。'],
    'This idempotency key belongs to another request.',
  ),
  idempotency_in_progress: clientSide(
    '同一个 Idempotency-Key 的请求还在处理。',
    ['按 Retry-After 等待,再用同一个键重发,会得到第一次的结果。'],
    'The first request with this key is still under way; repeat after the time told.',
  ),
  operator_unknown: clientSide(
    '综合窗口系统须用 Zhengqiao-Operator 头写明经办人,且该经办人须登记在本系统名下。',
    ['核对经办人编号。', '新的经办人先由管理员登记,再上岗。'],
    'A clerk system must name an operator who is registered to it.',
  ),
  operator_suspended: clientSide(
    '经办人已停用。',
    ['换一位在岗的经办人办理。', '恢复请联系管理员。'],
    'The operator is suspended.',
  ),
  ledger_unavailable: gatewaySide(
    '用证记录此刻无法留存。按规则,留不下证据就不提供内容,所以本次什么都没有披露。',
    [
      '稍后用同一幂等键、新的签名重发。',
      '持续出现时,请网关管理员查看 /readyz 的 ledger 与 database 两行。',
    ],
    'Evidence cannot be filed, so nothing was disclosed. Repeat later with the same key.',
  ),
  internal: gatewaySide(
    '网关内部出错。错误细节只在网关日志里,按 requestId 查找。',
    ['可以用同一幂等键重发一次。', '再次出现时,把 requestId 告诉网关管理员。'],
    'Our fault. Repeat once with the same key; then tell us the requestId.',
  ),
} as const
