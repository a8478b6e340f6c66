import { credentialAlg } from './credential-alg.ts'
import {
  checkCase,
  expectThat,
  fetchCase,
  registerCase,
  subjectWho,
  type MaterialsReply,
  type Walk,
} from './walk.ts'

export type HotelChain = {
  readonly caseId: string
  readonly licenceId: string
  readonly sdJwt: string
  /** All credentials of the fetch. */
  readonly credentials: readonly string[]
  /** The whole answer of the fetch: `{data, receipt}`. */
  readonly answerText: string
}

/** Stories 1 and 2: the hotel chain is checked, then its papers are fetched. */
export const walkHotelChain = async (walk: Walk): Promise<HotelChain> => {
  const { narrator } = walk
  narrator.chapter(
    '开办宾馆一链办理:先问市里已有什么',
    'A hotel opens: what does the city already hold?',
  )
  const company = subjectWho(walk, 'all_present', '001')
  const caseId = await registerCase(walk, {
    caseNo: 'QD20181130-0001',
    itemCode: 'QD-YL-001',
    subject: company,
    facts: { premises: 'owned', catering: false },
  })
  narrator.say(
    `统一审批平台登记办件 QD20181130-0001(${company.name})。`,
    'The approval platform registers the case; the clerk system did not open it itself.',
  )
  const check = await checkCase(walk, caseId)
  narrator.rows(
    check.materials.map(({ nameZh, state, messageZh }) => [nameZh ?? '', state, messageZh]),
  )
  const available = check.materials.filter(({ state }) => state === 'available')
  expectThat(available.length === 4, 'four government papers are available')
  expectThat(
    check.materials.some(({ state, next }) => state === 'not_connected' && next === 'commit'),
    'the fire inspection is not connected and may be committed',
  )
  narrator.good(
    `${String(available.length)} 份证照免提交;只答有无,不给内容。`,
    'Four papers need not be brought. A check tells existence only, never content.',
  )
  return fetchAvailable(walk, caseId, available)
}

const voucherOf = (licence: MaterialsReply['materials'][number]['licence']): string => {
  if (licence?.attestedBy === 'gateway') return '大厅实时答复,网关转证'
  return licence?.keyCustody === 'department' ? '部门自持密钥' : '网关代管密钥'
}

const fetchAvailable = async (
  walk: Walk,
  caseId: string,
  available: readonly { readonly code: string }[],
): Promise<HotelChain> => {
  const { narrator } = walk
  narrator.chapter('调取:只给办件需要的字段', 'Fetch: only the fields that the case needs')
  const { answer, reply } = await fetchCase(walk, caseId, available)
  expectThat(answer.complete, 'the fetch is complete')
  narrator.rows(
    answer.materials.map(({ code, licence }) => [
      code,
      voucherOf(licence),
      licence === undefined ? '' : credentialAlg(licence.sdJwt),
      Object.keys(licence?.fields ?? {}).join(' '),
    ]),
  )
  const own = answer.materials.find(({ licence }) => licence?.keyCustody === 'department')
  const licence = own?.licence
  if (licence === undefined) throw new Error('no licence signed by a department itself')
  narrator.good(
    '库存的由颁发机构签名,大厅答复的由网关转证,都是凭据(SD-JWT),并附用证回执。',
    'Stock is signed by the department, a hall’s answer is attested; the answer has a receipt.',
  )
  const credentials = answer.materials.flatMap((material) => material.licence?.sdJwt ?? [])
  const algs = [...new Set(credentials.map(credentialAlg))].sort()
  expectThat(
    algs.join() === walk.credentialAlgs.join(),
    `the credentials are signed ${algs.join()}`,
  )
  const { licenceId, sdJwt } = licence
  return { caseId, licenceId, sdJwt, credentials, answerText: reply.text }
}
