import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import type { Io } from '../io.ts'
import { packageRoot } from '../package-root.ts'

/** A process of a bench that does what it is asked over its channel. */
export type Part = {
  readonly pid: number
  readonly ask: <Reply>(schema: z.ZodType<Reply>, request: object) => Promise<Reply>
  readonly stop: () => Promise<void>
}

const replySchema = z.object({ id: z.int(), result: z.unknown(), error: z.string().optional() })

/**
 * As `npm start` starts the gateway: room for what the requests under way hold, so that young garbage is
 * collected less often. The peers get the same.
 */
const serverArgs = ['--max-semi-space-size=32']

/** Starts `zhengqiao bench --part NAME`; its CPU profile is left in `profileDir`, if that is given. */
export const startPart = async (name: string, profileDir?: string): Promise<Part> => {
  const script = join(packageRoot, 'src', 'cli', 'zhengqiao.js')
  const child = fork(script, ['bench', '--part', name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: serverNodeArgs(profileDir),
  })
  await untilReady(child, name)
  const waiting = new Map<number, (reply: z.output<typeof replySchema>) => void>()
  child.on('message', (message) => {
    const reply = replySchema.parse(message)
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const [id, answer] of waiting) answer({ id, result: undefined, error: `${name} ended` })
      resolve()
    })
  })
  let next = 0
  return {
    pid: child.pid ?? 0,
    ask: (schema, request) =>
      new Promise((resolve, reject) => {
        next += 1
        waiting.set(next, ({ result, error }) => {
          if (error === undefined) resolve(schema.parse(result))
          else reject(new Error(`${name}: ${error}`))
        })
        child.send({ id: next, request })
      }),
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}

/** Options of node for a measured process, which writes its CPU profile when it ends if it is asked to. */
export const serverNodeArgs = (profileDir: string | undefined): string[] =>
  profileDir === undefined
    ? serverArgs
    : [...serverArgs, '--cpu-prof', `--cpu-prof-dir=${profileDir}`]

const requestSchema = z.object({ id: z.int(), request: z.unknown() })

/** The other side: answers requests one after the other until the bench lets go of the channel. */
export const serveParent = async (
  answer: (request: unknown) => Promise<unknown>,
): Promise<number> => {
  let turn = Promise.resolve()
  process.on('message', (message) => {
    const { id, request } = requestSchema.parse(message)
    turn = turn.then(async () => {
      try {
        process.send?.({ id, result: await answer(request) })
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? error.stack : String(error) })
      }
    })
  })
  const released = new Promise((resolve) => process.once('disconnect', resolve))
  process.send?.({ ready: true })
  await released
  return 0
}

/** CPU time of this process in µs, its threads included. */
export const ownCpuUs = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

export type RunPart = (io: Io) => Promise<number>

const untilReady = (child: ChildProcess, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('message', () => {
      resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new Error(`${name} did not start (${String(code)})`))
    })
  })
