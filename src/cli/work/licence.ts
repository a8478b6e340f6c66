import { z } from 'zod'
import { operations } from '../../client/operations.ts'
import { signStandingOrder } from '../../client/sign-standing-order.ts'
import { openPlainGmCrypto } from '../../crypto/provider/gm-crypto.ts'
import { loadSignerFiles } from '../../crypto/load-signer-folder.ts'
import { join } from 'node:path'
import { CommandFailure, UsageError } from '../command-error.ts'
import { commandOf, type Verb } from '../registry/verb.ts'
import { readJsonFile } from './read-json-file.ts'

const row = z.record(z.string(), z.json())

const issue: Verb = {
  operands: ['FILE'],
  run: async ({ operands: [file = ''] }, desk) => {
    const licence = row.safeParse(await readJsonFile(file, desk))
    if (!licence.success) throw new CommandFailure(`不是一份证照 / not a licence: ${file}`)
    const { data } = await (await desk.client()).licences.issue(licence.data)
    const before = data.repeated ? '(此前已颁发 / issued before)' : ''
    const { licenceId, version, status } = data
    return { data, lines: [`${licenceId} ${version} ${status} ${before}`.trim()] }
  },
}

const statuses = [
  ...(['active', 'suspended', 'revoked'] as const),
  ...(['cancelled', 'transferred_out', 'void_error'] as const),
]

const status: Verb = {
  operands: ['LICENCE'],
  options: ['to', 'reason', 'document', 'effective'],
  run: async (given, desk) => {
    const [licenceId = ''] = given.operands
    const wanted = given.need('to')
    const known = statuses.find((each) => each === wanted)
    if (known === undefined) throw new UsageError(`--to ${statuses.join(' | ')}`)
    const { data } = await (
      await desk.client()
    ).licences.changeStatus(licenceId, {
      status: known,
      reason: given.need('reason'),
      documentNo: given.need('document'),
      effectiveAt: given.text('effective') ?? desk.io.now().toISOString(),
    })
    return {
      data,
      lines: [`${data.licenceId} ${data.version} ${data.previousStatus} → ${data.status}`],
    }
  },
}

const versions: Verb = {
  operands: ['LICENCE'],
  run: async ({ operands: [licenceId = ''] }, desk) => {
    const { data } = await (await desk.client()).licences.listVersions(licenceId)
    return {
      data,
      lines: data.versions.map(({ licenceId: id, version, state, issuedAt, validTo }) =>
        [version, state.padEnd(14), issuedAt, validTo ?? '—', id].join('  '),
      ),
    }
  },
}

/** The steward signs the order itself, beside the request: the department's signer checks it. */
const allow: Verb = {
  operands: [],
  options: ['issuer', 'per-day', 'until'],
  lists: ['type'],
  run: async (given, desk) => {
    const types = given.list('type')
    if (types.length === 0) throw new UsageError('缺少 / missing: --type')
    const maxPerDay = Number(given.need('per-day'))
    if (!Number.isInteger(maxPerDay) || maxPerDay < 1) throw new UsageError('--per-day 1 …')
    const folder = desk.keyFolder()
    const client = await desk.client()
    const steward = await loadSignerFiles(
      openPlainGmCrypto().sm2,
      join(folder, 'key.pem'),
      join(folder, 'cert.pem'),
    )
    const jws = await signStandingOrder(steward, {
      ...{ issuer: given.need('issuer'), types, maxPerDay, until: given.need('until') },
    })
    const { data } = await client.call(operations.addStandingOrder, { body: { jws } })
    return { data, lines: [`${data.orderId} ${data.until} ${String(data.perDayMax)}`] }
  },
}

const disallow: Verb = {
  operands: ['ORDER'],
  run: async ({ operands: [orderId = ''] }, desk) => {
    const client = await desk.client()
    const { data } = await client.call(operations.revokeStandingOrder, { params: { orderId } })
    return { data, lines: [`${data.orderId} ${data.revokedAt ?? ''}`] }
  },
}

export const licenceCommand = commandOf({ issue, status, versions, allow, disallow })
