import type { Failed, FailureKind, None, RejectReason } from './hall-contract.ts'

/** What a clerk reads when a hall gave no answer; a step to take, never a cause of the machine. */
export const sentenceOfFailure = (
  hallNameZh: string,
  { kind, reason }: Pick<Failed, 'kind' | 'reason'>,
): string =>
  kind === 'rejected' && reason !== undefined
    ? rejections[reason](hallNameZh)
    : failures[kind](hallNameZh)

const failures: Readonly<Record<FailureKind, (hall: string) => string>> = {
  timeout: (hall) => `${hall}没有在时限内答复,网关会自行重试;急办的请申请人先提供原件核对。`,
  unreachable: (hall) => `${hall}暂时连接不上,网关会自行重试;急办的请申请人先提供原件核对。`,
  unauthorised: (hall) => `${hall}拒绝了网关的身份,已通知管理员;请申请人先提供原件核对。`,
  rejected: (hall) => `${hall}未受理本次查询,请申请人提供原件核对。`,
  malformed: (hall) => `${hall}的答复无法识别,已通知管理员;请申请人先提供原件核对。`,
  busy: (hall) => `${hall}正值业务高峰,网关会自行重试,请稍后再取。`,
  maintenance: (hall) => `${hall}正在维护,恢复后网关会自行调取。`,
}

const rejections: Readonly<Record<RejectReason, (hall: string) => string>> = {
  sealed: () => '该材料不予提供,请按规定办理。',
  not_permitted: (hall) => `${hall}未开放此项查询,请申请人提供原件核对。`,
  operator_unknown: (hall) => `${hall}没有登记本经办人,请联系管理员登记后再调取。`,
  type_not_offered: (hall) => `${hall}不提供此类证照,请申请人提供原件核对。`,
  parameters: (hall) => `${hall}认为查询信息不完整,请核对姓名和证件号码。`,
  expired: (hall) => `${hall}的查询申请已过期,请重新调取。`,
}

/** The same sentence for absence and for another name: a mismatch must tell nothing. */
export const sentenceOfNone = (hallNameZh: string, because: None['because']): string =>
  because === 'name_unreadable'
    ? `${hallNameZh}登记的姓名含有其系统写不下的字,无法自动核对,请申请人提供原件人工核对。`
    : `${hallNameZh}没有查到此证。请核对姓名和证件号码;确有此证的,请自带原件。`
