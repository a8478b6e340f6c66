import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

export type Child = {
  readonly name: string
  readonly process: ChildProcess
  /** Resolves with the first line of standard output that matches; rejects when the process ends before. */
  readonly waitForLine: (pattern: RegExp) => Promise<string>
  readonly stop: () => Promise<void>
}

export type ChildSpec = {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly onOutput?: (line: string) => void
}

const stopWithinMs = 15_000

/** Starts a process of the demo. Its environment is only what `env` says. */
export const startChild = ({ name, command, env, onOutput }: ChildSpec): Child => {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const watchers = new Set<() => void>()
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message)
    })
    child.once('exit', (code, signal) => {
      resolve(code ?? signal ?? 'unknown')
    })
  })
  const take = (line: string): void => {
    lines.push(line)
    if (lines.length > 200) lines.shift()
    onOutput?.(line)
    for (const watcher of watchers) watcher()
  }
  followLines(child.stdout, take)
  followLines(child.stderr, take)
  return {
    name,
    process: child,
    waitForLine: (pattern) => waitForLine({ name, pattern, lines, watchers, ended }),
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(timer)
    },
  }
}

const waitForLine = (wait: {
  readonly name: string
  readonly pattern: RegExp
  readonly lines: readonly string[]
  readonly watchers: Set<() => void>
  readonly ended: Promise<number | string>
}): Promise<string> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const line = wait.lines.find((each) => wait.pattern.test(each))
      if (line === undefined) return
      wait.watchers.delete(look)
      resolve(line)
    }
    wait.watchers.add(look)
    void wait.ended.then((code) => {
      reject(
        new Error(`${wait.name} ended (${String(code)}):\n${wait.lines.slice(-20).join('\n')}`),
      )
    })
    look()
  })

const followLines = (stream: Readable, take: (line: string) => void): void => {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) take(line)
  })
  stream.on('end', () => {
    if (rest !== '') take(rest)
  })
}
