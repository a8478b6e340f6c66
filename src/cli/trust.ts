import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openGmCrypto } from '../crypto/provider/gm-crypto.ts'
import { addTrust } from '../trust/add-trust.ts'
import { anchorPurposeOids, isAnchorPurpose, type AnchorPurpose } from '../trust/anchor-purposes.ts'
import { checkTrust } from '../trust/check-trust.ts'
import { describeTrust, type TrustEntry } from '../trust/describe-trust.ts'
import { emptyTrustFolder, loadTrust, type TrustFolder } from '../trust/load-trust.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../trust/verify-signed.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import type { Io } from './io.ts'

type TrustArguments = {
  readonly verb: string
  readonly subject: string | undefined
  readonly folder: string
  readonly json: boolean
  readonly purposes: readonly AnchorPurpose[]
  /** By --trust. */
  readonly isNamed: boolean
  /** SM2 included: its anchors are anchors too. */
  readonly verifier: SignatureVerifier
}

type Verb = (args: TrustArguments, io: Io) => Promise<number>

/** `zhengqiao trust add|list|show|check`: what the data folder's trust/, or --trust DIR, believes. */
export const trustCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { verifiers } = await openGmCrypto({ random: io.randomBytes })
  const verifier = createSignatureVerifier(verifiers.verifyDer)
  const read = { ...readArguments(args, io), verifier }
  const verb = Object.hasOwn(verbs, read.verb) ? verbs[read.verb] : undefined
  if (verb === undefined) throw new UsageError('add | list | show | check')
  return verb(read, io)
}

const readArguments = (args: readonly string[], io: Io): Omit<TrustArguments, 'verifier'> => {
  const { values, positionals } = parse(args)
  const [verb = '', subject, more] = positionals
  if (more !== undefined) throw new UsageError(`多余的参数 / one too many: ${more}`)
  const folder = values.trust ?? `${io.env['ZHENGQIAO_DATA'] ?? 'data'}/trust`
  const purposes = values.purpose.map((word) => {
    if (isAnchorPurpose(word)) return word
    throw new UsageError(`--purpose: ${Object.keys(anchorPurposeOids).join(' | ')}`)
  })
  const { json, trust } = values
  const isNamed = trust !== undefined
  return { verb, subject, folder: resolve(io.workingDir, folder), isNamed, json, purposes }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        trust: { type: 'string' },
        purpose: { type: 'string', multiple: true, default: [] },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const add: Verb = async ({ subject, folder, purposes, json, verifier }, io) => {
  if (subject === undefined) throw new UsageError('trust add FILE')
  const bytes = await readInput(subject, io)
  const added = await addTrust({ folder, fileName: basename(subject), bytes, purposes, verifier })
  if (added.length === 0) {
    throw new CommandFailure(`文件中没有证书、吊销信息或日志公钥 / nothing to trust in ${subject}`)
  }
  print(added, json, io)
  return 0
}

const list: Verb = async ({ json, verifier, ...where }, io) => {
  print(describeTrust(await readFolder(where, verifier)), json, io)
  return 0
}

const show: Verb = async ({ subject, json, verifier, ...where }, io) => {
  if (subject === undefined) throw new UsageError('trust show FINGERPRINT')
  const wanted = subject.toLowerCase().replace(/:/g, '')
  const found = describeTrust(await readFolder(where, verifier)).filter(({ fingerprint }) =>
    fingerprint.startsWith(wanted),
  )
  if (found.length === 0) throw new CommandFailure(`没有这个指纹 / no such fingerprint: ${wanted}`)
  print(found, json, io)
  return 0
}

const check: Verb = async ({ json, verifier, ...where }, io) => {
  const problems = checkTrust(await readFolder(where, verifier), io.now(), verifier)
  if (json) io.out(`${JSON.stringify({ problems })}\n`)
  else {
    const lines = problems.map(
      (each) =>
        `✗ ${each.fingerprint.slice(0, 16)} ${each.name}: ${each.messageZh} / ${each.message}`,
    )
    io.out(
      `${[...lines, problems.length === 0 ? '✓ 没有问题 / no problem' : ''].join('\n').trim()}\n`,
    )
  }
  return problems.length === 0 ? 0 : 1
}

const verbs: Readonly<Record<string, Verb>> = { add, list, show, check }

const readInput = async (file: string, io: Io): Promise<Uint8Array> => {
  try {
    return await readFile(resolve(io.workingDir, file))
  } catch {
    throw new CommandFailure(`读不了文件 / cannot read: ${file}`)
  }
}

/** The data folder has no trust/ before the first is added; one that was named has to be there. */
const readFolder = async (
  { folder, isNamed }: Pick<TrustArguments, 'folder' | 'isNamed'>,
  verifier: SignatureVerifier,
): Promise<TrustFolder> => {
  try {
    return await loadTrust(folder, verifier)
  } catch (error) {
    if (!isNamed && error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return emptyTrustFolder
    throw new CommandFailure(`读不了信任目录 / cannot read the trust folder: ${folder}`)
  }
}

const words = Object.entries(anchorPurposeOids)

const print = (entries: readonly TrustEntry[], json: boolean, io: Io): void => {
  if (json) {
    io.out(`${JSON.stringify(entries)}\n`)
    return
  }
  for (const { kind, fingerprint, name, from, until, purposes } of entries) {
    const window = [from, until].map((time) => time?.toISOString().slice(0, 10) ?? '').join(' – ')
    const limits = words.filter(([, id]) => purposes?.includes(id)).map(([word]) => word)
    const serves = kind === 'anchor' ? `  [${limits.length > 0 ? limits.join(', ') : '*'}]` : ''
    io.out(`${kind.padEnd(11)} ${fingerprint}  ${window}  ${name}${serves}\n`)
  }
}
