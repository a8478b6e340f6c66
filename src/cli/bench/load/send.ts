import type { BenchCity } from '../bench-city.ts'
import type { Part } from '../part.ts'
import { type LoadReply, loadReportSchema, preparedSchema } from './load-part.ts'
import type { RequestSpec } from './prepare-requests.ts'

export type Sending = {
  readonly requests: readonly RequestSpec[]
  readonly connections: number
  readonly keepBodies?: boolean
  /** Default: the gateway's. */
  readonly port?: number
  /** Runs between signing and sending. */
  readonly beforeSending?: () => Promise<void>
}

/**
 * Has the generator sign the requests and then send them.
 * @throws Error when one of them is not answered 200 or 201
 */
export const sendAll = async (
  load: Part,
  { publicUrl, folder }: Pick<BenchCity, 'publicUrl' | 'folder'>,
  sending: Sending,
): Promise<LoadReply> => {
  const { requests, connections, keepBodies = false } = sending
  const { port = Number(new URL(publicUrl).port) } = sending
  await load.ask(preparedSchema, {
    ask: 'prepare',
    publicUrl,
    clientsDir: folder.clients,
    requests,
  })
  await sending.beforeSending?.()
  const reply = await load.ask(loadReportSchema, { ask: 'run', port, connections, keepBodies })
  const refused = Object.keys(reply.statuses).filter((status) => !/^20[01]$/.test(status))
  if (refused.length > 0)
    throw new Error(`answers: ${JSON.stringify(reply.statuses)} ${reply.bodies[0] ?? ''}`)
  return reply
}
