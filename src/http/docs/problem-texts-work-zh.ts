import { clientSide, gatewaySide, hallSide, type ProblemPageText } from './problem-page-text.ts'

const absentZh = '对象不存在,或不在本客户端可见的范围内:两种情况应答完全相同,不会泄露是否存在。'
const absentEn = 'It does not exist, or not for you: both look the same on purpose.'

const absent = (whatZh: string, stepZh: string): ProblemPageText =>
  clientSide(`没有找到${whatZh}。${absentZh}`, [stepZh], absentEn)

/** Problems that an endpoint itself tells. */
export const workTexts = {
  bad_cursor: clientSide(
    '翻页游标不是上一页给出的那个。',
    ['原样传回 nextCursor。', '换了筛选条件就从第一页开始。'],
    'The cursor is not one that we handed out.',
  ),
  type_not_granted: clientSide(
    '本客户端没有得到此类证照在该事项下的授权。',
    ['由贵方或管理员提出授权申请,颁发部门的管理员批准后生效。'],
    'No active grant for this licence type under this item; the issuing department approves grants.',
  ),
  item_does_not_need_type: clientSide(
    '该办件的事项不需要这类证照或这份材料,所以不能查询。',
    ['核对材料编号与办件的事项。', '事项目录有误时,请目录管理员发布新版本。'],
    'The case’s item does not need this.',
  ),
  mandate_invalid: clientSide(
    '委托授权不存在、已过期或不包括此事。',
    ['请委托人重新授权。'],
    'The mandate does not cover this.',
  ),
  legal_basis_mismatch: clientSide(
    '所写的法定依据与事项目录不符。',
    ['留空即采用目录中的依据;要写就与目录一致。'],
    'The legal basis is not the item’s.',
  ),
  assurance_too_low: clientSide(
    '办件是由调取方自己建立的(asserted),只能查有无,不能取得内容。',
    ['由审批平台登记办件,或由申请人到场出示后再调取。'],
    'A case that the fetching system opened itself gives existence only; let the registrar file it.',
  ),
  case_not_found: absent('办件', '核对办件编号(caseId),并确认是本系统名下的办件。'),
  licence_not_found: absent('证照', '核对证照编号(licenceId);先查询再调取。'),
  receipt_not_found: absent('用证回执', '核对 13 位回执编号。'),
  item_not_found: absent('事项', '用 GET /v1/items 查看现行事项及编码。'),
  type_not_found: absent('证照类型', '用 GET /v1/licence-types 查看类型代码。'),
  batch_not_found: absent('入库批次', '核对批次编号,并确认是本机构的批次。'),
  fetch_not_found: absent('这次调取', '核对调取编号(fetchId)与办件。'),
  client_not_found: absent('客户端', '核对客户端编号。'),
  operator_not_found: absent('经办人', '核对经办人编号。'),
  grant_not_found: absent('授权', '核对授权编号。'),
  organisation_not_found: absent('机构', '核对机构编号。'),
  hall_not_found: absent('专业大厅', '用 GET /v1/halls 查看已接入的大厅。'),
  seal_not_found: absent('电子印章', '核对印章编号。'),
  verification_not_found: absent('核验报告', '核验报告只对提交者开放,且有保留期限。'),
  version_conflict: clientSide(
    '要修改的内容已有别的版本。',
    ['重新读取最新版本,在其上修改,提高版本号再提交。'],
    'Somebody was quicker; read again and raise the version.',
  ),
  case_conflict: clientSide(
    '同一登记方、同一办件号、同一事项已登记,但内容不同。',
    ['内容没变就原样重发,会得到同一个办件。', '确实是另一件事,请用新的办件号。'],
    'This case number is taken by a registration with other content.',
  ),
  case_closed: clientSide(
    '办件已办结或已满 90 天,不能再查询和调取。',
    ['仍需用证时,由审批平台登记新的办件。'],
    'The case is over; nothing more is fetched under it.',
  ),
  batch_state: clientSide(
    '批次此刻的状态不允许这样操作。',
    [
      '用 GET /v1/batches/{id} 查看状态。',
      '顺序是:上传 → 校验 → 放行;失败的批次可以改正后重新校验。',
    ],
    'The batch is not in a state for this.',
  ),
  release_needs_second_person: clientSide(
    '放行(或撤回)须由另一人的证书签署:建立、上传、校验过此批次的密钥都不行。',
    ['请本部门另一位管理员查看批次后,用本人的证书放行。'],
    'Release needs the key of a second person who has not touched the batch.',
  ),
  link_expired: clientSide(
    '下载链接已过期或已用过一次。',
    ['重新请求,取得新的链接。'],
    'The link is used up; ask for a new one.',
  ),
  case_required: clientSide(
    '查询证照内容须先登记办件。此应答与证照是否存在无关。',
    ['先 POST /v1/cases 登记办件,再在办件下查询。'],
    'Contents are reachable only under a case; register one first.',
  ),
  precondition_failed: clientSide(
    '前提条件不满足,detail 写明是哪一项(如应收分块未到齐、根摘要与所示不同、签发证书余期不足)。',
    ['重新读取当前状态,按 detail 处理后再提交。'],
    'A precondition does not hold; the detail says which.',
  ),
  id_checksum: clientSide(
    '证件号码的校验位不正确,多半是录入错误。',
    ['请经办人核对证件后重新录入。'],
    'The check digit of an identity number is wrong: a typing error.',
  ),
  other_materials_forbidden: clientSide(
    '事项中出现“其他材料”一类的兜底条款。国家规定申请材料须逐项列明。',
    ['把兜底条款拆成具体材料,逐项写明来源。'],
    'An item may not ask for “other materials”.',
  ),
  source_missing: clientSide(
    '事项中有材料没有写明来源。',
    ['每份材料写明 self(申请人自备)或 gov:机构(由哪个部门提供)。'],
    'Each material needs a source.',
  ),
  drop_guard: clientSide(
    '此批次将使过多现行证照失效,为防误操作已拦下。',
    ['核对推送文件是否完整(例如只推了一部分)。', '确属正常时,请联系网关管理员处理。'],
    'The release would end too many valid licences; check that the file is whole.',
  ),
  identifier_check: clientSide(
    '电子证照标识的校验位不正确。',
    ['按 GB/T 36904(ISO/IEC 7064 MOD 37,36)重新计算校验位。'],
    'The check character of a licence identifier is wrong.',
  ),
  anomaly_hold: gatewaySide(
    '用证行为异常(例如短时间内查询大量无关人员),已暂停,等待安全管理员核查。',
    ['联系安全管理员说明情况。', '核查期间不要更换密钥重试。'],
    'Use looked abnormal and is on hold until the security officer has looked at it.',
  ),
  hall_error: hallSide(
    '专业大厅返回了错误或无法识别的应答。',
    ['稍后重试。', '持续出现时,把 requestId 告诉网关管理员,由其联系该部门。'],
    'The department’s system answered with an error.',
  ),
  hall_unavailable: hallSide(
    '专业大厅暂不可用:正在维护、非服务时间或连接不上。',
    ['看 GET /v1/halls 的下次重试时间。', '急办的可请申请人先行自备或作出承诺。'],
    'The department’s system is down or closed; GET /v1/halls says until when.',
  ),
  hall_timeout: hallSide(
    '专业大厅没有在时限内应答。',
    ['稍后重试;用 waitMs 可适当延长等待(至多 8000 毫秒)。'],
    'The department’s system did not answer in time.',
  ),
} as const
