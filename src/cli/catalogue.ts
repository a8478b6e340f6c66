import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { listLicenceTypes, listServiceItems } from '../catalogue/catalogue-store.ts'
import { type CatalogueFile, parseCatalogue } from '../catalogue/parse-catalogue.ts'
import { readConfig } from '../config.ts'
import { GatewayError } from '../contract/error.ts'
import { digestNameOf } from '../crypto/algorithms.ts'
import { digestText } from '../crypto/digest.ts'
import { openStore } from '../store/open-store.ts'
import { type CatalogueChange, diffCatalogues } from './catalogue/diff-catalogues.ts'
import { importCatalogue } from './catalogue/import-catalogue.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'
import { readGatewayFile } from './read-gateway-file.ts'

type Given = { readonly files: readonly string[]; readonly isJson: boolean; readonly io: Io }

/** `zhengqiao catalogue lint|import|diff`. */
export const catalogueCommand = async (
  [verb, ...args]: readonly string[],
  io: Io,
): Promise<number> => {
  const given = { ...readArguments(args), io }
  if (verb === 'lint') return lint(given)
  if (verb === 'import') return runImport(given)
  if (verb === 'diff') return diff(given)
  throw new UsageError('lint | import | diff')
}

const readArguments = (args: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    })
    return { files: positionals, isJson: values.json }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const lint = async ({ files, isJson, io }: Given): Promise<number> => {
  try {
    const { catalogue } = await readCatalogue(only(files), io)
    const { licenceTypes, serviceItems } = catalogue
    const found = { licenceTypes: licenceTypes.length, serviceItems: serviceItems.length }
    io.out(
      isJson
        ? `${JSON.stringify({ findings: [], ...found })}\n`
        : `✓ ${String(found.licenceTypes)} 个证照类型,${String(found.serviceItems)} 个事项\n`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    if (isJson) io.out(`${JSON.stringify({ code: error.code, findings: error.errors })}\n`)
    else for (const { pointer, detail } of error.errors) io.out(`✗ ${pointer}  ${detail}\n`)
    return 1
  }
}

const runImport = async ({ files, isJson, io }: Given): Promise<number> => {
  const config = readConfig(io.env, io.workingDir)
  const gateway = await readGatewayFile(config)
  const { catalogue, text } = await readCatalogue(only(files), io)
  const digest = digestText(digestNameOf(gateway.profile), text)
  const { now, randomBytes } = io
  const imported = await importCatalogue({ config, gateway, catalogue, digest, now, randomBytes })
  const { typesAdded, itemsAdded, receiptNo } = imported
  io.out(
    isJson
      ? `${JSON.stringify(imported)}\n`
      : `✓ 新增 ${String(typesAdded)} 个类型版本、${String(itemsAdded)} 个事项版本;用证记录 ${receiptNo}\n`,
  )
  return 0
}

const diff = async ({ files, isJson, io }: Given): Promise<number> => {
  const [file, other, more] = files
  if (file === undefined || more !== undefined) throw new UsageError('FILE [OTHER]')
  const { catalogue } = await readCatalogue(file, io)
  const before =
    other === undefined ? await readStored(io) : (await readCatalogue(other, io)).catalogue
  const changes = diffCatalogues(before, catalogue)
  if (isJson) io.out(`${JSON.stringify({ changes })}\n`)
  else for (const change of changes) io.out(`${changeLine(change)}\n`)
  return changes.length === 0 ? 0 : 1
}

const changeLine = ({ of, pointer, from, to }: CatalogueChange): string => {
  if (pointer === '') return `${from === undefined ? '+' : '-'} ${of}`
  const value = (json: unknown): string => (json === undefined ? '—' : JSON.stringify(json))
  return `~ ${of} ${pointer}  ${value(from)} → ${value(to)}`
}

const only = ([file, more]: readonly string[]): string => {
  if (file === undefined || more !== undefined) throw new UsageError('FILE')
  return file
}

const readCatalogue = async (file: string, io: Io) => {
  const text = await readFile(resolve(io.workingDir, file), 'utf8').catch(() => undefined)
  if (text === undefined) throw new CommandFailure(`读不了文件 / cannot read: ${file}`)
  return { catalogue: parseCatalogue(parse(text, file)), text }
}

const parse = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandFailure(`不是 JSON 文件 / not JSON: ${file}`)
  }
}

const readStored = async (io: Io): Promise<CatalogueFile> => {
  const { databaseUrl, dataDir } = readConfig(io.env, io.workingDir)
  await readGatewayFile({ dataDir })
  const store = await openStore(databaseUrl === undefined ? { dataDir } : { databaseUrl })
  try {
    const [licenceTypes, serviceItems] = await Promise.all([
      listLicenceTypes(store.db),
      listServiceItems(store.db),
    ])
    return { licenceTypes, serviceItems }
  } finally {
    await store.close()
  }
}
