import type { Material } from '../catalogue/service-item.ts'
import type { FailureKind, RejectReason } from '../halls/hall-contract.ts'
import { sentenceOfFailure, sentenceOfNone } from '../halls/hall-sentences.ts'
import type { HallNote, Judgement } from './judge-material.ts'
import type { MaterialReason, NextStep } from './material-state.ts'

export type Description = { readonly messageZh: string; readonly next: NextStep }

/** The Chinese sentence that a clerk reads for a judged material, and the step to take. */
export const describeMaterial = (material: Material, judgement: Judgement): Description => {
  if (judgement.state === 'fetched') {
    return { messageZh: `已取得“${material.nameZh}”,申请人无需提交。`, next: 'none' }
  }
  return sentences[judgement.reason](material, judgement)
}

type Sentence = (material: Material, judgement: Judgement) => Description

const bringOriginal = (messageZh: string): Description => ({ messageZh, next: 'bring_original' })

const sentences: Readonly<Record<MaterialReason, Sentence>> = {
  in_stock: ({ nameZh }) => ({
    messageZh: `“${nameZh}”市里已有且有效,可直接调取,申请人无需提交。`,
    next: 'fetch',
  }),
  fetched_before: ({ nameZh }) => ({
    messageZh: `“${nameZh}”本办件已调取过,各环节共用,申请人无需再交。`,
    next: 'none',
  }),
  matched: ({ nameZh }) => ({
    messageZh: `“${nameZh}”的编号和地址与登记一致,无需提交复印件;其内容须第三人同意后才能调取。`,
    next: 'none',
  }),
  condition_not_met: ({ nameZh }) => ({
    messageZh: `按办件情形不需要“${nameZh}”。`,
    next: 'none',
  }),
  made_by_applicant: ({ nameZh, why }) => ({
    messageZh: `请申请人自备“${nameZh}”${because(why)}。`,
    next: 'bring_self',
  }),
  source_not_connected: (material) => ({
    messageZh: `“${material.nameZh}”的出具部门尚未接入网关${because(material.why)}。`,
    next: material.commitment ? 'commit' : 'bring_original',
  }),
  no_grant: ({ nameZh }) =>
    bringOriginal(`本系统未获授权在本事项中使用“${nameZh}”,请自带原件或联系管理员申请授权。`),
  related_subject_missing: ({ nameZh }) =>
    bringOriginal(`办件没有登记“${nameZh}”的持证人,无法查询;请补登记相关人,或自带原件。`),
  third_party: ({ nameZh }) =>
    bringOriginal(`“${nameZh}”属于第三人,须取得其同意并在办件中登记同意凭据编号;否则请自带原件。`),
  several_valid: ({ nameZh }, { licences, hall }) => ({
    messageZh: `名下有 ${String(hall?.candidates?.length ?? licences.length)} 份有效的“${nameZh}”,请与申请人确认后选择其中一份。`,
    next: 'choose',
  }),
  objection_open: ({ nameZh }) =>
    bringOriginal(`“${nameZh}”有未办结的数据校核(异议),暂不能调取;请自带原件,或待校核办结。`),
  no_record: ({ nameZh }, { hall }) =>
    bringOriginal(
      `${hall === undefined ? '' : hall.nameZh}没有查到“${nameZh}”。请核对姓名和证件号码;确有此证的,请自带原件。`,
    ),
  not_yet_active: ({ nameZh }) => bringOriginal(`“${nameZh}”尚未生效,暂不能使用。`),
  superseded: ({ nameZh }) => bringOriginal(`“${nameZh}”已变更,没有查到现行版本,请自带原件。`),
  transferred_out: ({ nameZh }) => bringOriginal(`“${nameZh}”已转出本市,请自带原件。`),
  past_valid_to: ({ nameZh }, { licences, hall }) => {
    const validTo = licences[0]?.validTo ?? hall?.candidates?.[0]?.validTo ?? '此前'
    return bringOriginal(`“${nameZh}”已于 ${validTo} 到期,请申请人换领后再办。`)
  },
  status_suspended: ({ nameZh }) => bringOriginal(`“${nameZh}”处于暂扣或冻结状态,不能使用。`),
  status_revoked: ({ nameZh }) => bringOriginal(`“${nameZh}”已被撤销或吊销,不能使用。`),
  status_cancelled: ({ nameZh }) => bringOriginal(`“${nameZh}”已注销,不能使用。`),
  status_void_error: ({ nameZh }) => bringOriginal(`“${nameZh}”因签发错误已作废,请申请人换领。`),
  at_hall: ({ nameZh }, { hall }) => ({
    messageZh: `“${nameZh}”在${nameOf(hall)}查到且有效,可直接调取,申请人无需提交。`,
    next: 'fetch',
  }),
  hall_pending: ({ nameZh }, { hall }) => ({
    messageZh: `${nameOf(hall)}已受理“${nameZh}”的查询,结果稍后自动取回。`,
    next: 'wait',
  }),
  older_than_allowed: ({ nameZh }, { hall }) => ({
    messageZh: `“${nameZh}”的库存信息截至 ${(hall?.copy?.asOf ?? '').slice(0, 10)},${nameOf(hall)}暂时无法核实现状,请与申请人确认后使用。`,
    next: 'wait',
  }),
  hall_name_unreadable: (_, { hall }) =>
    bringOriginal(sentenceOfNone(nameOf(hall), 'name_unreadable')),
  hall_timeout: (material, { hall }) => awaited(material, hall, 'timeout'),
  hall_unreachable: (material, { hall }) => awaited(material, hall, 'unreachable'),
  hall_busy: (material, { hall }) => awaited(material, hall, 'busy'),
  hall_maintenance: (material, { hall }) => awaited(material, hall, 'maintenance'),
  hall_unauthorised: (material, { hall }) => awaited(material, hall, 'unauthorised'),
  hall_malformed: (material, { hall }) => awaited(material, hall, 'malformed'),
  hall_rejected: (_, { hall }) => refused(hall, undefined),
  hall_not_provided: (_, { hall }) => refused(hall, 'sealed'),
  hall_not_permitted: (_, { hall }) => refused(hall, 'not_permitted'),
  hall_operator_unknown: (_, { hall }) => refused(hall, 'operator_unknown'),
  hall_type_not_offered: (_, { hall }) => refused(hall, 'type_not_offered'),
  hall_parameters: (_, { hall }) => refused(hall, 'parameters'),
  hall_expired: (_, { hall }) => refused(hall, 'expired'),
}

const nameOf = (hall: HallNote | undefined): string => hall?.nameZh ?? '专业大厅'

/** The gateway asks again by itself; a commitment may stand in meanwhile. */
const awaited = (
  material: Material,
  hall: HallNote | undefined,
  kind: FailureKind,
): Description => ({
  messageZh: sentenceOfFailure(nameOf(hall), { kind }),
  next: material.commitment ? 'commit' : 'wait',
})

const refused = (hall: HallNote | undefined, reason: RejectReason | undefined): Description =>
  bringOriginal(
    sentenceOfFailure(nameOf(hall), {
      kind: 'rejected',
      ...(reason === undefined ? {} : { reason }),
    }),
  )

const because = (why: string | null): string => (why === null ? '' : `:${why}`)
