import cluster, { type Worker } from 'node:cluster'
import type { Io } from '../io.ts'
import { openSiblings } from './open-siblings.ts'
import { runGateway } from './run-gateway.ts'
import { type FromWorker, toWorkerSchema } from './worker-message.ts'

/**
 * One of several processes of a gateway: serves until the first process says stop, or a signal comes.
 * When the first process is gone, node ends this one at once; nothing acknowledged is lost by that.
 */
export const runWorker = async (worker: Worker, io: Io): Promise<number> => {
  const send = (message: FromWorker): void => {
    // The channel may close at any moment, and then there is nobody left to tell.
    if (worker.isConnected()) worker.send(message, () => undefined)
  }
  const { siblings, receive } = openSiblings(send)
  const toldToStop = new Promise<void>((resolve) => {
    worker.on('message', (raw: unknown) => {
      const { data: message } = toWorkerSchema.safeParse(raw)
      if (message?.kind === 'stop') resolve()
      else if (message !== undefined) receive(message)
    })
  })
  try {
    const running = await runGateway(io, siblings)
    send({ kind: 'ready', url: running.url })
    await Promise.race([toldToStop, io.untilStopped()])
    await running.close()
    return 0
  } finally {
    // The channel keeps a worker alive. Left this way node does not end it before its last words.
    cluster.worker?.disconnect()
  }
}
