import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  type Config,
  ConfigError,
  dataFolder,
  type GatewayFile,
  readConfig,
  requireHonestDate,
} from '../config.ts'
import { CommandFailure, UsageError } from './command-error.ts'
import { type Finding, ok, wrong } from './doctor/finding.ts'
import { lookAtClock, lookAtOtherClock } from './doctor/look-at-clock.ts'
import { lookAtCrypto } from './doctor/look-at-crypto.ts'
import { lookAtDatabase } from './doctor/look-at-database.ts'
import { lookAtCertificates, lookAtKeys, lookAtRevocationLists } from './doctor/look-at-folder.ts'
import { lookAtDisk, lookAtGateway, lookAtNode, lookAtPort } from './doctor/look-at-machine.ts'
import type { Io } from './io.ts'
import { migrationsDir } from './package-root.ts'
import { readGatewayFile, wasSetUp } from './read-gateway-file.ts'

/** `zhengqiao doctor`: says what is wrong with this machine and how to mend it; changes nothing. */
export const doctorCommand = async (args: readonly string[], io: Io): Promise<number> => {
  const { isJson, clock } = readArguments(args)
  const findings: Finding[] = []
  for (const look of looks(io, clock)) {
    const found = await look()
    findings.push(...found)
    if (!isJson) for (const finding of found) io.out(textOf(finding, io.hasColour === true))
  }
  if (isJson) io.out(`${JSON.stringify({ findings })}\n`)
  const has = (status: Finding['status']): boolean =>
    findings.some((finding) => finding.status === status)
  if (has('wrong')) return 1
  return has('attention') ? 2 : 0
}

type Look = () => Promise<readonly Finding[]>

/** One after the other, so that a person sees each as it is found. */
const looks = (io: Io, clock: string | undefined): readonly Look[] => {
  const crypto: Look = () => lookAtCrypto(io.randomBytes, process.versions.openssl)
  const node: Look = () => Promise.resolve([lookAtNode(process.versions.node)])
  const elsewhere: Look = async () =>
    clock === undefined ? [] : [await lookAtOtherClock(clock, io.now)]
  const config = configOf(io)
  if (!('dataDir' in config)) return [node, () => Promise.resolve([config]), elsewhere, crypto]
  return [node, crypto, elsewhere, () => lookAtHouse(config, io)]
}

const lookAtHouse = async (config: Config, io: Io): Promise<readonly Finding[]> => {
  const gateway = await gatewayOf(config)
  if ('check' in gateway) return [gateway, await lookAtPort(config)]
  const folder = dataFolder(config.dataDir)
  const { birthtime } = await stat(folder.gatewayFile)
  return [
    ok('folder', `${folder.root}(${gateway.mode})`, `${folder.root} (${gateway.mode})`),
    lookAtClock(io.now(), birthtime),
    await lookAtDisk(folder.root),
    await lookAtPort(config),
    ...(await lookAtKeys(folder, gateway)),
    ...(await lookAtCertificates(folder, io.now())),
    ...(await lookAtRevocationLists(folder, io.now())),
    ...(await lookAtDatabase(config, { migrationsDir, now: io.now })),
    ...(await lookAtGateway(config)),
  ]
}

const configOf = (io: Io): Config | Finding => {
  try {
    return readConfig(io.env, io.workingDir)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return environmentWrong(error)
  }
}

const environmentWrong = ({ problems }: ConfigError): Finding =>
  wrong('environment', [problems.join('\n'), 'environment variables are not usable'], {
    mendZh: '改正上述环境变量',
    mend: 'Correct the variables named above',
  })

const gatewayOf = async (config: Config): Promise<GatewayFile | Finding> => {
  try {
    const gateway = await readGatewayFile(config)
    requireHonestDate(config, gateway)
    return gateway
  } catch (error) {
    if (error instanceof ConfigError) return environmentWrong(error)
    if (!(error instanceof CommandFailure)) throw error
    if (wasSetUp(config)) return gatewayFileLost(config)
    return wrong('folder', [`${config.dataDir} 尚未初始化`, `${config.dataDir} is not set up`], {
      mendZh: '运行 zhengqiao init,或用 ZHENGQIAO_DATA 指明数据目录',
      mend: 'Run zhengqiao init, or name the data folder with ZHENGQIAO_DATA',
    })
  }
}

/** Where keys are, init would make other ones: the log could not go on under its name. */
const gatewayFileLost = ({ dataDir }: Config): Finding =>
  wrong(
    'folder',
    [`${dataDir} 的 gateway.json 丢失或损坏`, `gateway.json of ${dataDir} is lost or damaged`],
    {
      mendZh:
        '从备份恢复 gateway.json,内容须与原来一致;只有初始化中途停下的,才再运行 zhengqiao init',
      mend: 'Restore gateway.json from the backup, exactly as it was; only where init was cut short, run it again',
    },
  )

const readArguments = (args: readonly string[]) => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, clock: { type: 'string' } },
    })
    return { isJson: values.json, clock: values.clock }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const marks = { ok: ['✓', 32], attention: ['!', 33], wrong: ['✗', 31] } as const

const textOf = (finding: Finding, hasColour: boolean): string => {
  const { check, status, messageZh, message, mendZh, mend } = finding
  const [mark, colour] = marks[status]
  const shown = hasColour ? `\u001b[${String(colour)}m${mark}\u001b[0m` : mark
  const both = messageZh === message ? message : `${messageZh} / ${message}`
  const advice = mendZh === undefined ? '' : `    → ${mendZh}\n      ${mend ?? ''}\n`
  return `${shown} ${check}  ${both}\n${advice}`
}
