import cluster, { type Worker } from 'node:cluster'
import type { Io } from '../io.ts'
import { createQuestions, type Member, type Questions } from './questions.ts'
import { type FromWorker, fromWorkerSchema, type ToWorker } from './worker-message.ts'

const firstPauseMs = 250
const longestPauseMs = 30_000
/** A process that lived as long as this had no trouble with starting. */
const soundAfterMs = 60_000
/** More than a gateway takes to let its answers leave. */
const stoppedAfterMs = 30_000

type Process = Member & {
  readonly worker: Worker
  readonly startedAtMs: number
  isReady: boolean
}

type Crew = {
  readonly count: number
  readonly io: Io
  readonly questions: Questions
  readonly members: Set<Process>
  readonly pauses: Set<NodeJS.Timeout>
  readonly done: (code: number) => void
  /** Ends in a row of processes that had not lived long. */
  shortLives: number
  /** Whether all have been ready at once. */
  hasStarted: boolean
  isStopping: boolean
  code: number
}

/**
 * Runs `count` processes of the gateway behind one port, and starts another for one that ends. The first
 * prepares the database before the others start. One that cannot start in the beginning ends all.
 * @returns the exit code, once all have ended: 0 after a signal, else that of the process that could not start
 */
export const runWorkers = (count: number, io: Io): Promise<number> =>
  new Promise((resolve) => {
    const crew: Crew = {
      count,
      io,
      questions: createQuestions(),
      members: new Set(),
      pauses: new Set(),
      done: resolve,
      shortLives: 0,
      hasStarted: false,
      isStopping: false,
      code: 0,
    }
    void io.untilStopped().then(() => {
      stop(crew, 0)
    })
    startOne(crew)
  })

const startOne = (crew: Crew): void => {
  const worker = cluster.fork()
  const process: Process = {
    worker,
    startedAtMs: performance.now(),
    isReady: false,
    send: (message: ToWorker) => {
      // It may be dying at this moment; its exit is handled below.
      if (worker.isConnected()) worker.send(message, () => undefined)
    },
  }
  crew.members.add(process)
  worker.on('error', () => undefined)
  worker.on('message', (raw: unknown) => {
    const { data: message } = fromWorkerSchema.safeParse(raw)
    if (message !== undefined) receive(crew, process, message)
  })
  worker.once('exit', (code: number | null, signal: string | null) => {
    ended(crew, process, { code, signal })
  })
}

const receive = (crew: Crew, from: Process, message: FromWorker): void => {
  if (message.kind === 'answer') crew.questions.answered(from, message.id, message.answer)
  else if (message.kind === 'ask') {
    const others = [...crew.members].filter((member) => member.isReady && member !== from)
    crew.questions.put(from, message, others)
  } else becameReady(crew, from, message.url)
}

const becameReady = (crew: Crew, process: Process, url: string): void => {
  process.isReady = true
  if (crew.isStopping) process.send({ kind: 'stop' })
  else if (!crew.hasStarted) {
    if (crew.members.size === 1) for (let at = 1; at < crew.count; at++) startOne(crew)
    if ([...crew.members].every(({ isReady }) => isReady)) {
      crew.hasStarted = true
      crew.io.out(`zhengqiao ready ${url}\n`)
    }
  }
}

type End = { readonly code: number | null; readonly signal: string | null }

const ended = (crew: Crew, process: Process, { code, signal }: End): void => {
  crew.members.delete(process)
  crew.questions.left(process)
  if (crew.isStopping) finishWhenEmpty(crew)
  else if (crew.hasStarted) replace(crew, process, signal ?? String(code))
  else stop(crew, code === null || code === 0 ? 1 : code)
}

const replace = (crew: Crew, { worker, startedAtMs }: Process, how: string): void => {
  const livedMs = performance.now() - startedAtMs
  crew.shortLives = livedMs < soundAfterMs ? crew.shortLives + 1 : 0
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** crew.shortLives)
  crew.io.err(
    `zhengqiao: 进程 ${String(worker.process.pid)} 已结束(${how}),${String(pauseMs)} 毫秒后另起一个 / process ended, another starts\n`,
  )
  const pause = setTimeout(() => {
    crew.pauses.delete(pause)
    startOne(crew)
  }, pauseMs)
  crew.pauses.add(pause)
}

const stop = (crew: Crew, code: number): void => {
  if (crew.isStopping) return
  crew.isStopping = true
  crew.code = code
  for (const pause of crew.pauses) clearTimeout(pause)
  for (const member of crew.members) {
    // One that is starting does not listen yet, and has nothing to lose.
    if (member.isReady) member.send({ kind: 'stop' })
    else member.worker.process.kill('SIGTERM')
  }
  setTimeout(() => {
    crew.code = crew.code === 0 ? 1 : crew.code
    for (const { worker } of crew.members) worker.process.kill('SIGKILL')
  }, stoppedAfterMs).unref()
  finishWhenEmpty(crew)
}

const finishWhenEmpty = ({ members, done, code }: Crew): void => {
  if (members.size === 0) done(code)
}
