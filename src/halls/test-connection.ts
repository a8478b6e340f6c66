import type { Clock } from '../contract/clock.ts'
import type { FailureKind, HallAdapter } from './hall-contract.ts'
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
  { hallId }: Pick<HallSpec, 'hallId'>,
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
      sentence: isFailed ? sentences[outcome.kind] : '正常 (answered)',
      cause: isFailed ? outcome.cause : null,
    })
  }
  return { hallId, ok: steps.every(({ ok }) => ok), steps }
}

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
