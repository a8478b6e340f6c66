import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../contract/endpoint.ts'
import { CommandFailure } from '../command-error.ts'
import { writePublic, writeSecret } from '../init/write-whole.ts'

/** A running simulator's folder: its configuration row, its secrets, where its control port is. */
export const simulatorFolder = (dataDir: string, hallId: string): string =>
  join(dataDir, 'simulators', hallId)

const controlFile = z.object({ controlUrl: z.url({ protocol: /^http$/ }) })

export type SimulatorFiles = {
  readonly row: { readonly [member: string]: Json }
  readonly secrets: Readonly<Record<string, string>>
  readonly controlUrl: string
}

/** Secrets go into files of their own (0600), which the row names. Answers the row's file. */
export const writeSimulatorFiles = async (
  folder: string,
  { row, secrets, controlUrl }: SimulatorFiles,
): Promise<string> => {
  for (const [name, value] of Object.entries(secrets)) await writeSecret(join(folder, name), value)
  const rowFile = join(folder, 'hall.json')
  await writePublic(rowFile, `${JSON.stringify(withFiles(row, folder), null, 2)}\n`)
  await writePublic(join(folder, 'control.json'), `${JSON.stringify({ controlUrl })}\n`)
  return rowFile
}

/** A hall that is no simulator, or one that has ended, has no control port. */
export const removeControlFile = (folder: string): Promise<void> =>
  rm(join(folder, 'control.json'), { force: true })

/** @throws CommandFailure unless a simulator of this hall runs on this data folder */
export const readControlUrl = async (dataDir: string, hallId: string): Promise<string> => {
  const file = join(simulatorFolder(dataDir, hallId), 'control.json')
  try {
    return controlFile.parse(JSON.parse(await readFile(file, 'utf8'))).controlUrl
  } catch {
    throw new CommandFailure(
      `没有运行中的模拟大厅 ${hallId};演练不会碰真实大厅 / no simulator of this hall runs here, and a drill touches no real hall`,
    )
  }
}

const withFiles = (json: Json, folder: string): Json => {
  if (isList(json)) return json.map((each) => withFiles(each, folder))
  if (typeof json !== 'object' || json === null) return json
  const { name } = json
  if (typeof name === 'string' && Object.keys(json).length === 1)
    return { file: join(folder, name) }
  return Object.fromEntries(
    Object.entries(json).map(([member, value]) => [member, withFiles(value, folder)]),
  )
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
