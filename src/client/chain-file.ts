import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { z } from 'zod'
import type { ClientChain } from './gateway-client.ts'

/** Where a client keeps its place in its own chain between runs. */
export type ChainKeeper = {
  /** Undefined for a client that never sent anything. */
  readonly load: () => Promise<ClientChain | undefined>
  /** Durable when it resolves. */
  readonly save: (chain: ClientChain) => Promise<void>
}

const kept = z.strictObject({
  sequence: z.int().min(0),
  lastReceiptNo: z.string().exactOptional(),
})

/**
 * Keeps the chain in a file, whole or not at all. One process at a time: two that share a key and a file
 * would tell two histories. A damaged file is an error, since starting anew would look like a second client.
 */
export const chainFile = (path: string): ChainKeeper => {
  const writer = createWriter(path)
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch(missing)
      if (text === undefined) return undefined
      const { sequence, lastReceiptNo } = kept.parse(JSON.parse(text))
      return { sequence, lastReceiptNo }
    },
    save: writer,
  }
}

const missing = (error: unknown): undefined => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

/** Writes one after the other; those who come while one is under way share the next. */
const createWriter = (path: string): ChainKeeper['save'] => {
  let newest: ClientChain | undefined
  let underWay: Promise<void> | undefined
  let next: Promise<void> | undefined
  const writeNewest = async (): Promise<void> => {
    next = undefined
    const chain = newest
    if (chain !== undefined) await replaceFile(path, `${JSON.stringify(chain)}\n`)
  }
  const afterCurrent = async (): Promise<void> => {
    await underWay?.catch(() => undefined)
    underWay = writeNewest()
    await underWay
  }
  return (chain) => {
    newest = chain
    next ??= afterCurrent()
    return next
  }
}

const replaceFile = async (path: string, text: string): Promise<void> => {
  // Nobody else's: a second writer of the same file must not find its half-written one renamed.
  const temporary = `${path}.${randomUUID()}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true })
    throw error
  })
}
