import type { Child } from './child.ts'
import { startChild } from './child.ts'
import { type DemoSubject, readSubjects, splitStock } from './city-data.ts'
import { loadBatch } from './load-stock.ts'
import type { Narrator } from './narrate.ts'
import { type Party, startParty } from './party.ts'
import { walkAudit } from './walk/audit.ts'
import { walkFiveHalls, walkHallBack, walkHallDown } from './walk/halls.ts'
import { walkHotelChain } from './walk/hotel-chain.ts'
import { walkLivePush } from './walk/live-push.ts'
import { walkSpecialStates } from './walk/special-states.ts'
import { walkStolenKey } from './walk/stolen-key.ts'
import { walkVerification } from './walk/verification.ts'
import type { Walk } from './walk/walk.ts'

export type DemoSigner = {
  readonly organisation: string
  readonly dir: string
  readonly port: number
}

export type DemoOptions = {
  readonly narrator: Narrator
  readonly cityDir: string
  /** `zhengqiao`'s script and the program that runs it. */
  readonly node: string
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  readonly gatewayEnv: Readonly<Record<string, string>>
  readonly publicUrl: string
  readonly clientsDir: string
  readonly signers: readonly DemoSigner[]
  readonly stewards: ReadonlyMap<string, string>
  readonly outDir: string
  /** Algorithms under which the departments of the walk are expected to sign. */
  readonly credentialAlgs: Walk['credentialAlgs']
  readonly verify: Walk['verify']
  readonly halls: readonly string[]
  /** Writes the configuration that the simulators left behind into the gateway's database. */
  readonly connectHalls: () => Promise<void>
  readonly tellHall: Walk['tellHall']
}

export type RunningDemo = {
  readonly recordsStolen: number
  readonly stop: () => Promise<void>
}

/**
 * Starts gateway, signers and parties as processes, loads the city through the push API and takes the
 * walk over real HTTP. The processes stay up until `stop`.
 * @throws WalkError when the city does not behave as the walk expects; everything is stopped then
 */
export const runDemo = async (options: DemoOptions): Promise<RunningDemo> => {
  const { walk, stop } = await openCity(options)
  try {
    return { recordsStolen: await takeWalk(options, walk), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export type OpenCity = { readonly walk: Walk; readonly stop: () => Promise<void> }

/**
 * The same city, running and loaded, before anybody has walked in it.
 * @throws WalkError when it cannot be loaded; everything is stopped then
 */
export const openCity = async (options: DemoOptions): Promise<OpenCity> => {
  const children: Child[] = []
  const parties: Party[] = []
  const stop = async (): Promise<void> => {
    for (const party of parties) party.stop()
    await Promise.all(children.toReversed().map((child) => child.stop()))
  }
  try {
    await startProcesses(options, children)
    const subjects = await readSubjects(options.cityDir)
    const walk = await openWalk(options, subjects, parties)
    await loadCity(options, walk)
    return { walk, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const startProcesses = async (options: DemoOptions, children: Child[]): Promise<void> => {
  const { narrator, node, script, env } = options
  narrator.chapter(
    '启动五个模拟大厅、两个部门的签章进程和网关',
    'Start five simulated halls, two departments’ signers and the gateway',
  )
  for (const hallId of options.halls) {
    children.push(
      startChild({
        name: `hall ${hallId}`,
        command: [node, script, 'hall', 'sim', hallId],
        env: { ...env, ...options.gatewayEnv },
      }),
    )
  }
  await Promise.all(children.map((child) => child.waitForLine(/ready/)))
  await options.connectHalls()
  const gateway = startChild({
    name: 'gateway',
    command: [node, script, 'serve'],
    env: { ...env, ...options.gatewayEnv },
  })
  children.push(gateway)
  for (const { organisation, dir, port } of options.signers) {
    children.push(
      startChild({
        name: `signer ${organisation}`,
        command: [node, script, 'signer', '--dir', dir, '--port', String(port)],
        env,
      }),
    )
  }
  await Promise.all(children.map((child) => child.waitForLine(/ready/)))
  narrator.good(
    `网关 ${options.publicUrl};内置 PostgreSQL;城市日期 2018-11-30。`,
    'Gateway up on the embedded PostgreSQL; the city’s day is 2018-11-30.',
  )
}

const openWalk = async (
  options: DemoOptions,
  subjects: readonly DemoSubject[],
  parties: Party[],
): Promise<Walk> => {
  const start = async (name: string): Promise<Party> => {
    const party = await startParty({
      name,
      script: options.script,
      args: ['demo-party', '--clients', options.clientsDir, '--public-url', options.publicUrl],
      env: options.env,
    })
    parties.push(party)
    return party
  }
  const [pushDesk, releaseDesk, approvalPlatform, clerkSystem, auditor] = await Promise.all([
    start('push desk'),
    start('release desk'),
    start('approval platform'),
    start('clerk system'),
    start('auditor'),
  ])
  return {
    narrator: options.narrator,
    parties: { pushDesk, releaseDesk, approvalPlatform, clerkSystem, auditor },
    subjects,
    outDir: options.outDir,
    credentialAlgs: options.credentialAlgs,
    verify: options.verify,
    tellHall: options.tellHall,
  }
}

const loadCity = async (options: DemoOptions, walk: Walk): Promise<void> => {
  const { narrator } = options
  narrator.chapter(
    '十个部门推送存量证照,第二人放行,部门签章',
    'Ten departments push their stock; a second steward releases it; the department signs',
  )
  const issuers = await splitStock(options.cityDir, walk.subjects)
  const queue = [...issuers].sort((one, other) => other.stock.length - one.stock.length)
  const lines: string[][] = []
  const work = async (): Promise<void> => {
    for (let issuer = queue.shift(); issuer !== undefined; issuer = queue.shift()) {
      const steward = options.stewards.get(issuer.issuerCode) ?? ''
      const loaded = await loadBatch(
        {
          pusher: walk.parties.pushDesk.as(`${steward}-1`),
          releaser: walk.parties.releaseDesk.as(`${steward}-2`),
        },
        issuer,
      )
      const custody = loaded.keyCustody === 'department' ? '部门自持密钥' : '网关代管密钥'
      lines.push([issuer.issuerName, `${String(loaded.rows)} 份`, custody])
    }
  }
  await Promise.all([work(), work(), work()])
  narrator.rows(lines)
  const total = issuers.reduce((sum, { stock, papers }) => sum + stock.length + papers.length, 0)
  narrator.good(
    `共 ${String(total)} 份证照入库,整批同时可见。`,
    `${String(total)} licences are in; each batch became visible at once.`,
  )
}

const takeWalk = async ({ narrator }: DemoOptions, walk: Walk): Promise<number> => {
  const hotel = await walkHotelChain(walk)
  await walkFiveHalls(walk)
  const broken = await walkHallDown(walk)
  await walkSpecialStates(walk)
  await walkLivePush(walk)
  const recordsStolen = await walkStolenKey(walk, hotel)
  await walkAudit(walk, hotel)
  await walkVerification(walk, hotel)
  await walkHallBack(walk, broken)
  const seconds = (narrator.elapsedMs() / 1000).toFixed(1)
  narrator.say(`\n   演示完成,用时 ${seconds} 秒。`, `The walk took ${seconds} s.`)
  return recordsStolen
}
