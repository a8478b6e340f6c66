import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createActor } from '../demo/actor.ts'
import { UsageError } from './command-error.ts'
import type { Io } from './io.ts'

const call = z.object({
  id: z.number(),
  as: z.string(),
  method: z.enum(['GET', 'POST', 'PUT']),
  path: z.string(),
  body: z.json().exactOptional(),
  ndjson: z.string().exactOptional(),
  operator: z.string().exactOptional(),
})

/** One party's process in the demo: takes calls over the channel of the process that started it. */
export const demoPartyCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: { clients: { type: 'string' }, 'public-url': { type: 'string' } },
  })
  if (values.clients === undefined || values['public-url'] === undefined || !process.connected) {
    throw new UsageError('由 demo 启动 / started by the demo')
  }
  const act = createActor({
    clientsDir: values.clients,
    publicUrl: values['public-url'],
    now: io.now,
    randomBytes: io.randomBytes,
  })
  process.on('message', (message) => {
    void act(call.parse(message)).then((reply) => process.send?.(reply))
  })
  process.send?.({ ready: true })
  await new Promise((resolve) => process.once('disconnect', resolve))
  return 0
}
