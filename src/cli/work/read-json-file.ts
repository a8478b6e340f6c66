import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { CommandFailure } from '../command-error.ts'
import type { Desk } from '../registry/desk.ts'

/** A file, or standard input for `-`. @throws CommandFailure */
export const readJsonFile = async (
  file: string,
  { io, path }: Pick<Desk, 'io' | 'path'>,
): Promise<unknown> => {
  try {
    return JSON.parse(await (file === '-' ? textOf(io.stdin) : readFile(path(file), 'utf8')))
  } catch {
    throw new CommandFailure(`读不了 JSON 文件 / cannot read as JSON: ${file}`)
  }
}
