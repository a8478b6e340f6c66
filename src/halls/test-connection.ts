import type { Clock } from '../contract/clock.ts'
import type { Failed, FailureKind, HallAdapter } from './hall-contract.ts'
import type { HallSpec } from './hall-spec.ts'
import { openDeadline } from './race-deadline.ts'

export type ConnectionTest = {
  readonly hallId: string
  readonly ok: boolean
  readonly steps: readonly {
    readonly step: 'probe' | 'feed'
    readonly ok: boolean
    readonly tookMs: number
    /** A sentence for whoever set the connection up. */
    readonly sentence: string
    readonly cause: string | null
  }[]
}

/** A connection test with a readable cause: one probe, one reading of the hall's own business. */
export const testConnection = async (
  { hallId, limits }: Pick<HallSpec, 'hallId' | 'limits'>,
  adapter: HallAdapter,
  deps: { readonly clock: Clock; readonly elapsedMs: () => number; readonly waitMs?: number },
): Promise<ConnectionTest> => {
  const since = new Date(deps.clock.now().getTime() - 86_400_000)
  const calls = [
    ['probe', adapter.probe],
    ['feed', (signal: AbortSignal) => adapter.feed(since, signal)],
  ] as const
  const steps: ConnectionTest['steps'][number][] = []
  for (const [step, call] of calls) {
    const deadline = openDeadline(deps.waitMs ?? 8_000)
    const startedMs = deps.elapsedMs()
    const outcome = await call(deadline.signal)
    deadline.end()
    const tookMs = Math.round(deps.elapsedMs() - startedMs)
    const isFailed = outcome.state === 'failed'
    steps.push({
      step,
      ok: !isFailed,
      tookMs,
      sentence: isFailed ? sentenceOf(outcome) : sentenceOfAnswer(tookMs, limits.slowMs),
      cause: isFailed ? outcome.cause : null,
    })
  }
  return { hallId, ok: steps.every(({ ok }) => ok), steps }
}

const sentenceOfAnswer = (tookMs: number, slowMs: number): string =>
  tookMs > slowMs
    ? '有答复,但慢于此大厅的 slowMs (answered, but slower than its slowMs)'
    : '正常 (answered)'

/** A connection that did not come about says why by its code. */
const sentenceOf = ({ kind, cause }: Failed): string =>
  (kind === 'unreachable' ? whys.find(([form]) => form.test(cause))?.[1] : undefined) ??
  sentences[kind]

const whys: readonly (readonly [RegExp, string])[] = [
  [/econnrefused$/, '端口上没有服务:检查端口,对方服务是否已启动 (nothing listens on that port)'],
  [/(enotfound|eai_again)$/, '主机名解析不到:检查地址和 DNS (host name cannot be resolved)'],
  [/(ehostunreach|enetunreach|etimedout)$/, '网络不通:检查路由和防火墙 (no route to that host)'],
  [
    /altname/,
    '对方证书上没有这个主机名:检查地址或 tls.serverName (certificate is for another host)',
  ],
  [
    /cert|self_signed|unable_to|issuer/,
    '对方证书不可信:检查 tls.caFile 和有效期 (certificate is not trusted)',
  ],
  [
    /eproto|err_ssl|err_tls/,
    'TLS 握手失败:检查是 http 还是 https、客户端证书 (TLS handshake failed)',
  ],
  [/econnreset$/, '连接被对方中断:检查客户端证书和白名单 (the other side broke the connection)'],
]

const sentences: Readonly<Record<FailureKind, string>> = {
  timeout:
    '没有在时限内答复:检查网络路径、对方服务是否在运行 (no answer in time: check the route and whether the service runs)',
  unreachable:
    '连接不上:检查地址、端口、防火墙和 TLS 证书 (cannot connect: check address, port, firewall and TLS certificate)',
  unauthorised:
    '对方拒绝了我们的身份:检查密钥、口令、应用标识和时钟 (identity refused: check key, password, application id and clock)',
  rejected:
    '对方不受理:检查服务编号和授权范围 (not accepted: check service ids and what we are granted)',
  malformed:
    '答复无法识别:检查地址是否指向正确的服务和版本 (unreadable answer: check that the address is the right service and version)',
  busy: '对方正忙,稍后再试 (busy, try again later)',
  maintenance: '对方正在维护 (under maintenance)',
}
