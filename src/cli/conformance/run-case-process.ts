import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseJson } from '../../crypto/parse-json.ts'
import { judgeCase } from '../../verification/conformance/judge-case.ts'
import type { ReadSuite } from '../../verification/conformance/suite.ts'
import type { CaseMessage } from './case-message.ts'

/**
 * The process that judges: it tells its parent of every case before it begins, so that one which never
 * ends, or takes the process with it, is known by its name.
 * @param from how many cases are already judged
 */
export const runCaseProcess = async (
  readSuite: ReadSuite,
  { path, from, now }: { readonly path: string; readonly from: number; readonly now: Date },
): Promise<void> => {
  const json = parseJson(await readFile(path))
  const readBeside = (relative: string) => readFile(resolve(dirname(path), relative))
  let at = 0
  for await (const item of readSuite({ json, now, cpuMs: ownCpuMs, readBeside })) {
    at++
    if (at <= from) continue
    await tell({ kind: 'begins', id: item.id, expected: item.expected })
    await tell({ kind: 'judged', result: await judgeCase(item, ownCpuMs) })
  }
  await tell({ kind: 'done' })
}

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Waits until it is handed over: a case that blocks this thread would hold it back. */
const tell = (message: CaseMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
