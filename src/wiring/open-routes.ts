import { healthRoutes, type ReadinessProbe } from '../http/health-routes.ts'
import { loadOwnSigner } from '../crypto/load-own-signer.ts'
import { jwksRoute } from '../http/jwks-route.ts'
import type { OpenRoute } from '../http/open-route.ts'
import type { Siblings } from './siblings.ts'
import type { Ledger } from '../ledger/open-ledger.ts'
import type { House } from './house.ts'

/** What stands open beside the endpoints: health, the gateway's own keys, the log's hashes. */
export const openRoutesOf = async (
  { algorithms, folder, ledger }: House,
  probes: readonly ReadinessProbe[],
  siblings: Siblings | undefined,
): Promise<readonly OpenRoute[]> => [
  ...healthRoutes(probes, siblings && (() => siblings.ask('readiness'))),
  jwksRoute([await loadOwnSigner(algorithms, folder.attestationKey, folder.attestationChain)]),
  logRoute(ledger),
]

export const probesOf = ({ ledger, store }: House): readonly ReadinessProbe[] => [
  {
    name: 'database',
    meansZh: '数据库:应答查询;失败时查看数据库进程、磁盘和 DATABASE_URL',
    check: async () => (await store.pool.query('select 1')).rowCount === 1,
  },
  {
    name: 'ledger',
    meansZh: '用证记录:可写;失败时网关不提供任何证照内容,数据库恢复后自动恢复',
    check: () => ledger.probe(),
  },
]

const logRoute = (ledger: Ledger): OpenRoute => ({
  method: 'GET',
  path: '/log/:gateway/:node/:path{.+}',
  summaryZh: '用证记录的公开哈希(C2SP tlog-tiles),不含个人信息',
  answer: async ({ gateway = '', node = '', path = '' }) => {
    const found = await ledger.resource(`${gateway}/${node}`, path)
    if (found === undefined) return undefined
    const cacheControl = found.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache'
    const body = new Uint8Array(found.bytes)
    return { status: 200, contentType: found.contentType, body, cacheControl }
  },
})
