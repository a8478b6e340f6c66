import { parseArgs } from 'node:util'
import { type Config, dataFolder, readConfig } from '../config.ts'
import {
  type DataKeyFile,
  loadDataKeys,
  prepareDataKeys,
  previousKeyId,
  retireDataKey,
  rotateDataKeys,
} from '../store/data-keys.ts'
import { holdDataKey } from '../store/data-key-lock-store.ts'
import { readKeyFile, replaceKeyFile } from '../store/key-file.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'
import { fileReindex } from './keys/file-reindex.ts'
import { countKeyUse, reindexData, rowsUnder } from './keys/reindex-data.ts'
import { openAlgorithms } from '../crypto/algorithms.ts'
import { readGatewayFile } from './read-gateway-file.ts'
import { createProgress } from './work/progress.ts'

type Given = {
  readonly config: Config
  readonly io: Io
  readonly isJson: boolean
  readonly isPrepared: boolean
  readonly pageRows: number
}

/** `zhengqiao keys status|rotate|reindex`: the keys of data at rest. */
export const keysCommand = async ([verb, ...args]: readonly string[], io: Io): Promise<number> => {
  const given = readArguments(args, io)
  if (verb === 'status') return status(given)
  if (verb === 'rotate') return rotate(given)
  if (verb === 'reindex') return reindex(given)
  throw new UsageError('status | rotate | reindex')
}

const pageRowsMax = 1000

const readArguments = (args: readonly string[], io: Io): Given => {
  const { values } = parse(args)
  const pageRows = Number(values['page-rows'] ?? 500)
  if (!Number.isInteger(pageRows) || pageRows < 1 || pageRows > pageRowsMax)
    throw new UsageError(`--page-rows 1 … ${String(pageRowsMax)}`)
  return {
    config: readConfig(io.env, io.workingDir),
    io,
    isJson: values.json,
    isPrepared: values.prepare,
    pageRows,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        prepare: { type: 'boolean', default: false },
        'page-rows': { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const keyFileOf = ({ config }: Given): string => dataFolder(config.dataDir).dataKeys

const withStore = async <Result>(
  { config: { databaseUrl, dataDir } }: Given,
  work: (store: Store) => Promise<Result>,
): Promise<Result> => {
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const status = async (given: Given): Promise<number> => {
  const file = await readKeyFile(keyFileOf(given))
  const use = await withStore(given, countKeyUse)
  const keys = file.keys.map(({ keyId, next }, place) => ({
    keyId,
    state: next === true ? 'next' : place === 0 ? 'current' : 'previous',
    rows: rowsUnder(use, keyId),
    tables: use[keyId] ?? {},
  }))
  const lines = keys.map(
    ({ keyId, state, rows }) => `${keyId}  ${state.padEnd(8)}  ${String(rows)}`,
  )
  say(given, { keys }, lines)
  return 0
}

const rotate = async (given: Given): Promise<number> => {
  const path = keyFileOf(given)
  const file = await readKeyFile(path)
  const { randomBytes } = given.io
  const turned = given.isPrepared
    ? prepareDataKeys(file, randomBytes)
    : rotateDataKeys(file, randomBytes)
  await replaceKeyFile(path, turned)
  const keys = turned.keys.map(({ keyId, next }) => ({ keyId, next: next === true }))
  say(given, { keys }, given.isPrepared ? afterPrepare : afterRotate)
  return 0
}

const afterPrepare = [
  '新密钥已加入,尚未使用 / the next key is in the file, nothing is written under it yet',
  '→ 备份 keys/;把 data-keys.json 复制到各节点并逐一重启,然后执行 zhengqiao keys rotate',
  '  Back up keys/; copy data-keys.json to every node and restart them one by one, then: zhengqiao keys rotate',
]
const afterRotate = [
  '新密钥已生效,旧密钥仍可读 / the new key is current, the previous one stays valid',
  '→ 备份 keys/;各节点换上 data-keys.json 并重启,然后执行 zhengqiao keys reindex',
  '  Back up keys/; put data-keys.json on every node and restart it, then: zhengqiao keys reindex',
]

const reindex = async (given: Given): Promise<number> => {
  const path = keyFileOf(given)
  const file = await readKeyFile(path)
  const fromKeyId = previousKeyId(file)
  if (fromKeyId === undefined) {
    say(given, { moved: 0 }, ['没有进行中的轮换 / no rotation is under way'])
    return 0
  }
  const moved = await withStore(given, async (store) => {
    const held = await holdDataKey(store.url, fromKeyId)
    if (held === undefined) throw stillUsed(fromKeyId)
    try {
      return await moveAll(given, { store, file, fromKeyId, isHeld: held.isHeld })
    } finally {
      await held.release()
    }
  })
  await replaceKeyFile(path, retireDataKey(file))
  say(given, { moved, retired: fromKeyId }, [
    `✓ 已搬 ${String(moved)} 行,旧密钥 ${fromKeyId} 已移出密钥文件 / moved, and the previous key left the file`,
    '→ 备份 keys/。旧的数据库备份仍需旧的密钥备份 / Back up keys/. Older dumps still need the older key file',
  ])
  return 0
}

const moveAll = async (
  given: Given,
  work: {
    readonly store: Store
    readonly file: DataKeyFile
    readonly fromKeyId: string
    readonly isHeld: () => boolean
  },
): Promise<number> => {
  const { store, file, fromKeyId, isHeld } = work
  const all = rowsUnder(await countKeyUse(store), fromKeyId)
  const progress = createProgress(given.io)
  let done = 0
  progress.show(0, all)
  const gateway = await readGatewayFile(given.config)
  const { atRest } = await openAlgorithms(gateway.profile, given.io.randomBytes)
  const moved = await reindexData({
    store,
    keys: loadDataKeys(file, atRest),
    fromKeyId,
    rowsMax: given.pageRows,
    requireAlone: () => {
      if (!isHeld()) throw lockLost()
    },
    onPage: (rows) => {
      done += rows
      progress.show(Math.min(done, all), all)
    },
  }).finally(progress.end)
  const left = rowsUnder(await countKeyUse(store), fromKeyId)
  if (left > 0) throw someLeft(left)
  await fileReindex(given, {
    store,
    file,
    fromKeyId,
    moved,
    gateway,
  })
  return moved
}

const say = ({ io, isJson }: Given, data: object, lines: readonly string[]): void => {
  io.out(isJson ? `${JSON.stringify(data)}\n` : `${lines.join('\n')}\n`)
}

const stillUsed = (keyId: string): CommandFailure =>
  new CommandFailure(
    `还有网关在用旧密钥 ${keyId} 写入;请换上新的 data-keys.json 并重启它,再执行一次。\n` +
      `A gateway still writes under the previous key ${keyId}; give it the new data-keys.json, restart it, and run this again.`,
  )

const lockLost = (): CommandFailure =>
  new CommandFailure(
    '与数据库的连接中断;再执行一次即从中断处继续。\nThe database connection was lost; run it again to go on.',
  )

const someLeft = (rows: number): CommandFailure =>
  new CommandFailure(
    `还有 ${String(rows)} 行在旧密钥下;再执行一次。\n${String(rows)} rows are still under the previous key; run it again.`,
  )
