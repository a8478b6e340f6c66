import { type ChildProcess, fork } from 'node:child_process'
import type { Json } from '../contract/endpoint.ts'
import type { ActorCall, ActorReply } from './actor-protocol.ts'

/** The orchestrator's handle on one party's process. */
export type Party = {
  readonly name: string
  /** The party under one of its keys. */
  readonly as: (clientId: string, operator?: string) => PartyClient
  readonly stop: () => void
}

export type PartyClient = {
  readonly get: (path: string) => Promise<ActorReply>
  readonly post: (path: string, body: Json) => Promise<ActorReply>
  readonly putNdjson: (path: string, lines: readonly string[]) => Promise<ActorReply>
}

export type PartySpec = {
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Starts a party's process and waits until it is ready. */
export const startParty = async ({ name, script, args, env }: PartySpec): Promise<Party> => {
  const child = fork(script, args, {
    env: { ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (reply: ActorReply) => void>()
  const failures = new Set<(error: Error) => void>()
  let next = 0
  child.on('message', (message: ActorReply) => {
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  child.once('exit', (code) => {
    for (const fail of failures) fail(new Error(`${name} ended (${String(code)})`))
  })
  const call = (request: Omit<ActorCall, 'id'>): Promise<ActorReply> =>
    new Promise((resolve, reject) => {
      next += 1
      const id = next
      failures.add(reject)
      waiting.set(id, (reply) => {
        failures.delete(reject)
        if (reply.status === 0) reject(new Error(`${name}: ${reply.text}`))
        else resolve(reply)
      })
      child.send({ id, ...request })
    })
  await ready(child, name)
  return {
    name,
    as: (clientId, operator) => {
      const under = { as: clientId, ...named(operator) }
      return {
        get: (path) => call({ ...under, method: 'GET', path }),
        post: (path, body) => call({ ...under, method: 'POST', path, body }),
        putNdjson: (path, lines) =>
          call({ ...under, method: 'PUT', path, ndjson: `${lines.join('\n')}\n` }),
      }
    },
    stop: () => {
      child.kill()
    },
  }
}

const named = (operator: string | undefined) => (operator === undefined ? {} : { operator })

const ready = (child: ChildProcess, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('message', () => {
      resolve()
    })
    child.once('exit', (code) => {
      reject(new Error(`${name} did not start (${String(code)})`))
    })
  })
