import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chainFile, type ChainKeeper } from '../../client/chain-file.ts'
import { loadClientTrust } from '../../client/check-answer.ts'
import { readKeyFolder } from '../../client/read-key-folder.ts'
import { createZhengqiaoClient, type ZhengqiaoClient } from '../../client/zhengqiao-client.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import type { Io } from '../io.ts'
import { finishRenewal } from './key-files.ts'
import type { Given } from './given.ts'

/** The gateway under somebody's key; nothing is read before it is needed. */
export type Desk = {
  readonly io: Io
  readonly path: (given: string) => string
  readonly keyFolder: () => string
  readonly client: () => Promise<ZhengqiaoClient>
  /** Whose key it is, by its certificate. */
  readonly clientId: () => Promise<string>
}

/** Options first, then the environment: ZHENGQIAO_KEY, ZHENGQIAO_URL, the data folder's trust/. */
export const openDesk = (given: Given, io: Io): Desk => {
  const path = (name: string): string => resolve(io.workingDir, name)
  const keyFolder = (): string =>
    path(given.text('key') ?? io.env['ZHENGQIAO_KEY'] ?? need('--key'))
  return {
    io,
    path,
    keyFolder,
    client: () => openClient(given, io, { keyFolder: keyFolder(), path }),
    clientId: () => readClientId(keyFolder()),
  }
}

const need = (option: string): never => {
  throw new UsageError(`缺少 / missing: ${option}`)
}

const openClient = async (
  given: Given,
  io: Io,
  { keyFolder, path }: { readonly keyFolder: string; readonly path: (name: string) => string },
): Promise<ZhengqiaoClient> => {
  const publicUrl = given.text('url') ?? io.env['ZHENGQIAO_URL'] ?? need('--url')
  const connectUrl = given.text('connect')
  const trust = path(given.text('trust') ?? join(io.env['ZHENGQIAO_DATA'] ?? 'data', 'trust'))
  await finishRenewal(keyFolder)
  return createZhengqiaoClient({
    publicUrl,
    ...(connectUrl === undefined ? {} : { connectUrl }),
    key: await orFail(readKeyFolder(keyFolder), '密钥目录 / key folder', keyFolder),
    trust: await orFail(loadClientTrust(trust), '信任目录 / trust folder (--trust)', trust),
    chain: explainedChain(join(keyFolder, 'chain.json')),
    now: io.now,
    randomBytes: io.randomBytes,
  })
}

const explainedChain = (path: string): ChainKeeper => {
  const { load, save } = chainFile(path)
  return {
    load: () => orFail(load(), '请求链 / chain file', path),
    save: (chain) => orFail(save(chain), '请求链 / chain file', path, '写不了'),
  }
}

const readClientId = async (folder: string): Promise<string> => {
  const pem = await orFail(readFile(join(folder, 'cert.pem')), '证书 / certificate', folder)
  const { subjectAltName = '' } = new X509Certificate(pem)
  const id = /URI:urn:zhengqiao:(?:sandbox:)?client:([A-Za-z0-9.-]+)/.exec(subjectAltName)?.[1]
  if (id === undefined)
    throw new CommandFailure(`证书里没有客户端编号 / no client id in the certificate: ${folder}`)
  return id
}

const orFail = async <Result>(
  work: Promise<Result>,
  what: string,
  path: string,
  verb = '读不了',
): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new CommandFailure(`${verb}${what}: ${path}${code}`)
  }
}
