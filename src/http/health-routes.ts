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

/** /livez: the process runs. /readyz: one line for each dependency; 503 unless all are usable. */
export const healthRoutes = (probes: readonly ReadinessProbe[]): readonly OpenRoute[] => [
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
      const results = await Promise.all(probes.map((probe) => isUsable(probe)))
      const lines = probes.map(
        ({ name, meansZh }, at) => `${results[at] === true ? 'ok' : 'fail'} ${name} ${meansZh}\n`,
      )
      return { status: results.every(Boolean) ? 200 : 503, contentType: text, body: lines.join('') }
    },
  },
]

const text = 'text/plain; charset=utf-8'

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
