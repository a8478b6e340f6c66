import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { benchHolders, ensureRealLicences } from '../../src/cli/bench/real-licences.ts'
import { createGatewayClient } from '../../src/client/gateway-client.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { loadDataKeys } from '../../src/store/data-keys.ts'
import { readKeyFile } from '../../src/store/key-file.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startedGateway } from '../support/started-gateway.ts'

const gateway = await startedGateway()
const [holder] = benchHolders(1)
if (holder === undefined) throw new Error('no holder')

const loadLicence = async (): Promise<string> => {
  const store = await openStore({ databaseUrl: gateway.databaseUrl })
  const dataKeys = loadDataKeys(await readKeyFile(gateway.folder.dataKeys))
  const city = { ...gateway, registrars: [], operators: [], remove: () => Promise.resolve() }
  const real = { dataKeys, holders: [holder], now: new Date(), randomBytes }
  await ensureRealLicences(store, city, real)
  const row = await store.db.selectFrom('licence').select('licence_id').executeTakeFirstOrThrow()
  await store.close()
  return row.licence_id
}
const licenceId = await loadLicence()

const clientOf = async (clientId: string) =>
  createGatewayClient({
    publicUrl: gateway.publicUrl,
    connectUrl: gateway.url,
    key: await readKeyFolder(join(gateway.folder.clients, clientId)),
    now: () => new Date(),
    randomBytes,
  })
const clerk = await clientOf('clerk-city')
const path = '/v1/verifications'
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64')
const verdict = z.object({
  verificationId: z.string(),
  verdict: z.string(),
  checks: z.array(z.json()),
})

describe('a verification over the API', () => {
  it('judges a receipt, a certificate and bytes of no kind as the command does', async () => {
    const { text } = await clerk.request('GET', '/v1/items')
    const receipt = await clerk.request('POST', path, { file: base64(text) })
    expect(receipt).toMatchObject({ status: 200, data: { verdict: 'TOTAL_PASSED', status: null } })
    const forged = text.replace('"receipt":{', '"receipt":{"x":1,')
    const changed = await clerk.request('POST', path, { file: base64(forged) })
    expect(verdict.parse(changed.data).verdict).not.toBe('TOTAL_PASSED')
    const pem = await readFile(join(gateway.folder.clients, 'clerk-city', 'cert.pem'))
    const certificate = await clerk.request('POST', path, { file: base64(pem) })
    expect(verdict.parse(certificate.data).checks.length).toBeGreaterThan(2)
    const noise = await clerk.request('POST', path, { file: base64('noise') })
    expect(noise).toMatchObject({ status: 200, data: { verdict: 'INDETERMINATE' } })
  })

  it('judges a licence only for who knows its number; a wrong number looks like absence', async () => {
    const right = await clerk.request('POST', path, { licenceId, number: holder.id })
    expect(right).toMatchObject({
      status: 200,
      data: { verdict: 'TOTAL_PASSED', status: 'active' },
    })
    expect(right.text).not.toContain(holder.name)
    const absentId = '01937b7e-0000-7000-8000-000000000000'
    const without = async (body: { readonly licenceId: string; readonly number: string }) => {
      const { status, problem } = await clerk.request('POST', path, body)
      return { status, code: problem?.['code'], detail: problem?.['detail'] }
    }
    const wrong = await without({ licenceId, number: '370299190001010013' })
    expect(wrong).toMatchObject({ status: 404, code: 'licence_not_found' })
    expect(await without({ licenceId: absentId, number: holder.id })).toEqual(wrong)
  })

  it('keeps the report for the asker and for auditors, sealed, and for nobody else', async () => {
    const { data } = await clerk.request('POST', path, { licenceId, number: holder.id })
    const { verificationId } = verdict.parse(data)
    const report = `${path}/${verificationId}/report`
    const own = await clerk.request('GET', report)
    expect(own).toMatchObject({ status: 200, data: { report: { artefact: 'credential' } } })
    const byAuditor = await (await clientOf('auditor-1')).request('GET', report)
    expect(byAuditor.data).toEqual(own.data)
    const byOther = await (await clientOf('clerk-370203')).request('GET', report)
    expect(byOther).toMatchObject({ status: 404, problem: { code: 'verification_not_found' } })
    const store = await openStore({ databaseUrl: gateway.databaseUrl })
    const rows = await store.db.selectFrom('verification').select('report_blob').execute()
    for (const row of rows) expect(Buffer.from(row.report_blob).includes('artefact')).toBe(false)
    await store.close()
  })

  it('refuses what is neither a file nor a licence, and files beyond 1 MB', async () => {
    for (const body of [
      {},
      { file: '' },
      { file: 'a b' },
      { licenceId },
      { licenceId, file: 'YQ==' },
    ]) {
      const { status } = await clerk.request('POST', path, body)
      expect([400, 422]).toContain(status)
    }
    const large = await clerk.request('POST', path, { file: base64(Buffer.alloc(1_100_000)) })
    expect([413, 422]).toContain(large.status)
  })
})
