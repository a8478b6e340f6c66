import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openGmCrypto } from '../crypto/provider/gm-crypto.ts'
import { loadTrust, mergeTrust, type TrustFolder } from '../trust/load-trust.ts'
import { createSignatureVerifier, type SignatureVerifier } from '../trust/verify-signed.ts'
import { openVerificationTrust } from '../verification/verification-trust.ts'
import { verifyArtefact } from '../verification/verify-artefact.ts'
import type { CheckStatus, Report, Verdict } from '../verification/report.ts'
import { UsageError } from './command-error.ts'
import type { Io } from './io.ts'
import { certsDir } from './package-root.ts'
import { readInput } from './read-input.ts'

type VerifyArguments = {
  readonly file: string
  readonly json: boolean
  /** Undefined: certs/ and the data folder's trust/. */
  readonly trust: string | undefined
  readonly at: Date | undefined
  /** What a timestamp or a detached signature is over. */
  readonly data: string | undefined
}

const exitCodes: Readonly<Record<Verdict, number>> = {
  TOTAL_PASSED: 0,
  TOTAL_FAILED: 1,
  INDETERMINATE: 2,
}

/**
 * `zhengqiao verify FILE|-`: prints the report and answers 0 passed, 1 failed, 2 indeterminate. With
 * `--json` a usage error is an object, too: `{"error":"usage","message":…}`.
 * @throws UsageError (exit code 3) for a wrong command line or a file that cannot be read
 */
export const verifyCommand = async (args: readonly string[], io: Io): Promise<number> => {
  try {
    return await verifyFile(args, io)
  } catch (error) {
    if (error instanceof UsageError && args.includes('--json')) {
      io.out(`${JSON.stringify({ error: 'usage', message: error.message })}\n`)
    }
    throw error
  }
}

const verifyFile = async (args: readonly string[], io: Io): Promise<number> => {
  const { file, json, trust, at, data } = readArguments(args)
  const { verifiers, signatures } = await openGmCrypto({ random: io.randomBytes })
  const certificateVerifier = createSignatureVerifier(verifiers.verifyDer)
  const folders = await readTrust(trust, io, certificateVerifier)
  const report = verifyArtefact(await readInput(file, io), {
    trust: openVerificationTrust(folders, {
      certificateVerifier,
      signatures,
    }),
    at: at ?? io.now(),
    look: isTimestampFile(file) ? 'timestamp' : undefined,
    detached: await readDetached(file, data, io),
  })
  io.out(json ? `${JSON.stringify(report)}\n` : reportText(report))
  return exitCodes[report.verdict]
}

const readArguments = (args: readonly string[]): VerifyArguments => {
  const { values, positionals } = parse(args)
  const [file, more] = positionals
  if (file === undefined || more !== undefined) {
    throw new UsageError('需要一个文件,或用 - 表示标准输入 / one FILE, or - for standard input')
  }
  return {
    file,
    json: values.json,
    trust: values.trust,
    at: values.at === undefined ? undefined : readTime(values.at),
    data: values.data,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        // Nothing is fetched yet, so offline is what happens anyway.
        offline: { type: 'boolean', default: false },
        trust: { type: 'string' },
        at: { type: 'string' },
        data: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

const readTime = (text: string): Date => {
  const time = new Date(text)
  if (rfc3339.test(text) && !Number.isNaN(time.getTime())) return time
  throw new UsageError(`--at 须为 RFC 3339 时间 / --at must be RFC 3339: ${text}`)
}

const readTrust = async (
  folder: string | undefined,
  io: Io,
  verifier: SignatureVerifier,
): Promise<TrustFolder> => {
  const readFolder = (path: string) => readTrustFolder(path, verifier)
  if (folder !== undefined) return readFolder(resolve(io.workingDir, folder))
  const own = resolve(io.workingDir, io.env['ZHENGQIAO_DATA'] ?? 'data', 'trust')
  const present = [certsDir, own].filter((path) => existsSync(path))
  return mergeTrust(await Promise.all(present.map(readFolder)))
}

const readTrustFolder = async (path: string, verifier: SignatureVerifier): Promise<TrustFolder> => {
  try {
    return await loadTrust(path, verifier)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new UsageError(`读不了信任目录 / trust folder: ${path}${code}`)
  }
}

const isTimestampFile = (file: string): boolean => file.endsWith('.tst')

/** The file that was named, else X.data beside X.tst where it is there. */
const readDetached = async (
  file: string,
  named: string | undefined,
  io: Io,
): Promise<Uint8Array | undefined> => {
  if (named !== undefined) return readInput(named, io, Number.MAX_SAFE_INTEGER)
  if (!isTimestampFile(file)) return undefined
  const beside = file.replace(/\.tst$/, '.data')
  return existsSync(resolve(io.workingDir, beside))
    ? readInput(beside, io, Number.MAX_SAFE_INTEGER)
    : undefined
}

const marks: Readonly<Record<CheckStatus, string>> = {
  passed: '✓',
  failed: '✗',
  warning: '!',
  skipped: '-',
}

/** The sentence first, then what it rests on. */
const reportText = (report: Report, indent = ''): string => {
  const sub = report.subIndication === undefined ? '' : ` ${report.subIndication}`
  const lines = [
    `${report.verdict}${sub}  ${report.messageZh}`,
    `  ${report.message}`,
    ...report.checks.map(
      ({ status, messageZh, code }) => `  ${marks[status]} ${messageZh} [${code}]`,
    ),
  ]
  const parts = (report.parts ?? []).map(
    ({ pointer, report: part }) => `${indent}  ${pointer}\n${reportText(part, `${indent}    `)}`,
  )
  return [...lines.map((line) => `${indent}${line}\n`), ...parts].join('')
}
