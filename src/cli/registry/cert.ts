import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { output } from 'zod'
import type { certificateData, requestData } from '../../access/onboarding-views.ts'
import { onboardingOperations } from '../../client/onboarding-operations.ts'
import { algOf, passphraseOf } from '../cert/cert-key.ts'
import { ca, crl, issueLocally, showLocally } from '../cert/local-verbs.ts'
import { CommandFailure, UsageError } from '../command-error.ts'
import { writePublic } from '../init/write-whole.ts'
import type { Desk } from './desk.ts'
import { makeKeyAndRequest, requestNextKey, turnToNextKey } from './key-files.ts'
import type { Given } from './given.ts'
import { commandOf, type Shown, type Verb } from './verb.ts'

const request: Verb = {
  operands: ['CLIENT'],
  options: ['out', 'csr', 'days', 'alg', 'passphrase-file'],
  run: async (given, desk) => {
    const [clientId = ''] = given.operands
    const out = given.text('out')
    const csr = await csrOf(given, desk)
    const isSent = given.text('key') !== undefined || desk.io.env['ZHENGQIAO_KEY'] !== undefined
    if (!isSent) return { data: { clientId, csr }, lines: [csr.trimEnd()] }
    const data = await send(desk, clientId, { csr, ...daysOf(given) })
    if (out !== undefined) await keep(join(desk.path(out), 'cert.pem'), data)
    return shown(data)
  },
}

/** The client's own: its key is made here, its certificate is issued at once. */
const renew: Verb = {
  operands: [],
  options: ['days'],
  run: async (given, desk) => {
    const clientId = await desk.clientId()
    const csr = await requestNextKey(desk.keyFolder(), clientId)
    const data = await send(desk, clientId, { csr, ...daysOf(given) })
    if (data.chain === null)
      throw new CommandFailure('证书尚未签发 / the certificate was not issued')
    await turnToNextKey(desk.keyFolder(), data.chain)
    return shown(data)
  },
}

const issue: Verb = {
  operands: ['CLIENT', 'REQUEST'],
  unless: { option: 'ca', operands: [] },
  options: ['out', 'ca', 'csr', 'purpose', 'uri', 'days', 'passphrase-file'],
  run: async (given, desk) => {
    if (given.text('ca') !== undefined) return issueLocally(given, desk)
    const {
      operands: [clientId = '', requestId = ''],
      text,
    } = given
    const client = await desk.client()
    const params = { clientId, requestId }
    const { data } = await client.call(onboardingOperations.issueCertificate, { params })
    const out = text('out')
    if (out !== undefined) await keep(desk.path(out), data)
    return shown(data)
  },
}

const revoke: Verb = {
  operands: ['CLIENT', 'CERTIFICATE'],
  options: ['reason'],
  run: async ({ operands: [clientId = '', certificateId = ''], need }, desk) => {
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.revokeClient, {
      params: { clientId },
      body: { certificateId, reason: need('reason') },
    })
    return { data, lines: data.revoked.map((each) => `${each}  已吊销 / revoked`) }
  },
}

const show: Verb = {
  operands: ['CLIENT|FILE'],
  run: async ({ operands: [clientId = ''] }, desk) => {
    const local = await showLocally(desk.path(clientId))
    if (local !== undefined) return local
    const client = await desk.client()
    const { data } = await client.call(onboardingOperations.getClient, { params: { clientId } })
    return { data, lines: (data.certificates ?? []).map(lineOf) }
  },
}

const csrOf = async (given: Given, desk: Desk): Promise<string> => {
  const [clientId = ''] = given.operands
  const out = given.text('out')
  const file = given.text('csr')
  if ((out === undefined) === (file === undefined)) throw new UsageError('--out DIR | --csr FILE')
  if (file === undefined) return requestIn(desk.path(out ?? ''), clientId, given, desk)
  return readFile(desk.path(file), 'utf8').catch(() => {
    throw new CommandFailure(`读不了文件 / cannot read: ${file}`)
  })
}

const requestIn = async (
  folder: string,
  clientId: string,
  given: Given,
  desk: Desk,
): Promise<string> =>
  makeKeyAndRequest(folder, clientId, {
    alg: algOf(given),
    passphrase: await passphraseOf(given, desk),
  })

const send = async (desk: Desk, clientId: string, body: object) => {
  const client = await desk.client()
  const params = { clientId }
  return (await client.call(onboardingOperations.requestCertificate, { params, body })).data
}

const daysOf = ({ text }: Given): { readonly validForDays?: number } => {
  const days = text('days')
  if (days === undefined) return {}
  if (!/^[1-9]\d{0,3}$/.test(days)) throw new UsageError('--days')
  return { validForDays: Number(days) }
}

type Requested = output<typeof requestData>

const keep = async (file: string, { chain }: Requested): Promise<void> => {
  if (chain !== null) await writePublic(file, chain)
}

const shown = (data: Requested): Shown => {
  const { clientId, requestId, certificateId, notAfter } = data
  const line =
    certificateId === null
      ? `${clientId}  ${requestId}  待另一人签发 / a second person must let it be issued`
      : `${clientId}  ${certificateId}  ${notAfter ?? ''}`
  return { data, lines: [line] }
}

const warnings: Readonly<Record<output<typeof certificateData>['warning'], string>> = {
  none: '',
  within_30_days: '  ! 30 天内到期 / ends within 30 days',
  within_7_days: '  ! 7 天内到期 / ends within 7 days',
  within_1_day: '  ! 1 天内到期 / ends within a day',
  ended: '  ✗ 已到期 / ended',
}

const lineOf = (row: output<typeof certificateData>): string => {
  const end = row.revokedAt === null ? warnings[row.warning] : '  ✗ 已吊销 / revoked'
  return `${row.certificateId}  ${row.notAfter}  ${String(row.daysLeft)} 天 / days${end}`
}

export const certCommand = commandOf({ ca, request, issue, crl, revoke, renew, show })
