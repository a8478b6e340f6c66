import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './command-error.ts'
import type { Io } from './io.ts'

/** Nothing that is judged comes near it; more would only cost memory. */
const judgedBytesMax = 64 * 1024 * 1024

/**
 * Bytes of a file that somebody wants judged, or of standard input (`-`). Only a regular file is opened:
 * a pipe without a writer would never answer.
 * @param bytesMax at most; what is only digested may be as long as node reads
 * @throws UsageError for what cannot be read or is too long
 */
export const readInput = async (
  file: string,
  io: Pick<Io, 'stdin' | 'workingDir'>,
  bytesMax: number = judgedBytesMax,
): Promise<Uint8Array> => {
  if (file === '-') return readAll(io.stdin, bytesMax)
  const path = resolve(io.workingDir, file)
  try {
    const found = await stat(path)
    if (found.isDirectory()) throw unreadable(file, 'EISDIR')
    if (!found.isFile()) {
      throw new UsageError(
        `不是普通文件,管道请用 - / not a regular file, use - for a pipe: ${file}`,
      )
    }
    if (found.size > bytesMax) throw tooLong(file)
    return await readFile(path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw unreadable(file, error instanceof Error && 'code' in error ? String(error.code) : '')
  }
}

const readAll = async (stream: Io['stdin'], bytesMax: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = bytesOf(chunk)
    length += bytes.length
    if (length > bytesMax) throw tooLong('-')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

const bytesOf = (chunk: unknown): Uint8Array =>
  chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk))

const tooLong = (file: string): UsageError =>
  new UsageError(`文件过大,无法核验 / too long to be judged: ${file}`)

const unreadable = (file: string, code: string): UsageError =>
  new UsageError(`读不了文件 / file: ${file}${code === '' ? '' : ` (${code})`}`)
