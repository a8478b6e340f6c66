import { z } from 'zod'
import type { OpenRoute } from './open-route.ts'

/** One thing that the gateway needs in order to work. */
export type ReadinessProbe = {
  readonly name: string
  /** What it means when the line says ok, and what to look at when it does not. */
  readonly meansZh: string
  /** False, or a rejection, when it is not usable. */
  readonly check: () => Promise<boolean>
}

const probeTimeoutMs = 2000

/** Whether each dependency is usable, by its name. */
export type Readiness = Readonly<Record<string, boolean>>

/**
 * /livez: the process runs. /readyz: one line for each dependency; 503 unless all are usable.
 * @param elsewhere what the other processes behind the same port answer: a line says ok when they do
 */
export const healthRoutes = (
  probes: readonly ReadinessProbe[],
  elsewhere: () => Promise<readonly unknown[]> = () => Promise.resolve([]),
): readonly OpenRoute[] => [
  {
    method: 'GET',
    path: '/livez',
    summaryZh: '进程是否在运行',
    answer: () => ({ status: 200, contentType: text, body: 'ok process 进程在运行\n' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    summaryZh: '各项依赖是否可用',
    answer: async () => {
      const [own, others] = await Promise.all([readinessOf(probes), elsewhere()])
      const all = [own, ...others.map((other) => readinessSchema.parse(other))]
      const isReady = ({ name }: ReadinessProbe) => all.every((states) => states[name] === true)
      const lines = probes.map(
        (probe) => `${isReady(probe) ? 'ok' : 'fail'} ${probe.name} ${probe.meansZh}\n`,
      )
      const status = probes.every(isReady) ? 200 : 503
      return { status, contentType: text, body: lines.join('') }
    },
  },
]

const text = 'text/plain; charset=utf-8'

/** A process that does not answer is not usable. */
const readinessSchema = z.record(z.string(), z.boolean()).catch({})

/** Asks every probe; one that is late or throws is not usable. */
export const readinessOf = async (probes: readonly ReadinessProbe[]): Promise<Readiness> =>
  Object.fromEntries(
    await Promise.all(probes.map(async (probe) => [probe.name, await isUsable(probe)] as const)),
  )

const isUsable = async ({ check }: ReadinessProbe): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false)
    }, probeTimeoutMs)
  })
  try {
    return await Promise.race([check(), late])
  } catch {
    // A probe that throws has found its dependency unusable.
    return false
  } finally {
    clearTimeout(timer)
  }
}
