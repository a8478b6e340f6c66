import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadClientTrust } from '../../src/client/check-answer.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import type { SignedRequest } from '../../src/client/sign-request.ts'
import { createZhengqiaoClient, type ZhengqiaoClient } from '../../src/client/zhengqiao-client.ts'
import type { Example } from '../../src/http/docs/examples.ts'
import { materials, papersOf, registrationOf, root } from './recipe-city.ts'
import { recordDepartment, recordLookUps, recordOnboarding } from './record-registry.ts'
import { type RecipeGateway, startGateway } from './start-gateway.ts'

// npm run examples: lets the synthetic city's parties talk to a gateway, and keeps what was sent and
// answered in docs/examples.json, from where /docs shows it.

const recorded = new Map<string, Example>()
let operation: string | undefined

const sendAndKeep = async (signed: SignedRequest, url: string): Promise<Response> => {
  const { method, headers, body, signatureBase } = signed
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  })
  const text = await response.text()
  if (operation !== undefined) {
    const { pathname, search } = new URL(url)
    const sent = body === undefined ? null : Buffer.from(body).toString('utf8')
    recorded.set(operation, {
      operationId: operation,
      request: { method, path: pathname + search, headers, signatureBase, body: sent },
      answer: {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body: text,
      },
    })
  }
  return new Response(text, { status: response.status, headers: response.headers })
}

const as = async <Result>(name: string, call: () => Promise<Result>): Promise<Result> => {
  operation = name
  try {
    return await call()
  } finally {
    operation = undefined
  }
}

const clientOf = async (gateway: RecipeGateway, id: string, operatorId?: string) =>
  createZhengqiaoClient({
    publicUrl: gateway.publicUrl,
    key: await readKeyFolder(gateway.keyOf(id)),
    trust: await loadClientTrust(gateway.trustDir),
    now: () => new Date(),
    randomBytes,
    send: sendAndKeep,
    ...(operatorId === undefined ? {} : { operatorId }),
  })

const waitFor = async (client: ZhengqiaoClient, batchId: string, state: string) => {
  for (;;) {
    const { data } = await as('getBatch', () => client.batches.get(batchId))
    if (data.state === state) return data
    if (data.state === 'failed') throw new Error(`the batch failed: ${String(data.failure)}`)
    await sleep(200)
  }
}

const loadStock = async (gateway: RecipeGateway): Promise<void> => {
  for (const [department, issuerCode] of [
    ['police', '113702990037000297'],
    ['social-security', '11370299003700010A'],
  ] as const) {
    const rows = (await papersOf(issuerCode)).map((row) => `${JSON.stringify(row)}\n`)
    const { batches } = await clientOf(gateway, `${department}-steward-1`)
    const opened = await as('openBatch', () =>
      batches.open({ issuerCode, format: 'ndjson', expectedRows: rows.length, expectedChunks: 1 }),
    )
    const { batchId } = opened.data
    const bytes = Buffer.from(rows.join(''))
    await as('putChunk', () =>
      batches.putChunk(batchId, 1, { bytes, contentType: 'application/x-ndjson' }),
    )
    await as('validateBatch', () => batches.validate(batchId))
    const { root: shown, counts } = await waitFor(
      await clientOf(gateway, `${department}-steward-1`),
      batchId,
      'validated',
    )
    await as('listBatchErrors', () => batches.listErrors(batchId))
    const second = await clientOf(gateway, `${department}-steward-2`)
    const order = { root: shown ?? '', rows: counts?.valid ?? 0 }
    await as('releaseBatch', () => second.batches.release(batchId, order))
    await waitFor(second, batchId, 'released')
  }
}

const workOnCase = async (gateway: RecipeGateway) => {
  const registrar = await clientOf(gateway, 'registrar-city')
  await as('getItem', () => registrar.items.get('QD-RS-007'))
  const registration = await registrationOf('QD20181130-0001')
  const { caseId } = (await as('registerCase', () => registrar.cases.register(registration))).data
  await as('getCase', () => registrar.cases.get(caseId))

  const clerk = await clientOf(gateway, 'clerk-city', 'clerk-city-001')
  await as('getLicenceType', () => clerk.licenceTypes.get('113702990037000297016'))
  await as('checkMaterials', () => clerk.cases.check(caseId))
  const wanted = { materials: materials.map((code) => ({ code })) }
  const { data } = await as('fetchMaterials', () => clerk.cases.fetch(caseId, wanted))
  await as('getFetch', () => clerk.cases.getFetch(caseId, data.fetchId))
  const { licenceId = '', sdJwt = '' } = data.materials[0]?.licence ?? {}
  await as('getCaseLicence', () => clerk.cases.getLicence(caseId, licenceId))
  await as('getLicence', () => clerk.licences.get(licenceId, { caseId }))
  await as('searchLicences', () =>
    clerk.licences.search({
      case: caseId,
      holder: registration.subject,
      type: '113702990037000297016',
    }),
  )
  await as('closeCase', () => registrar.cases.close(caseId, { outcome: 'approved' }))
  return { licenceId, sdJwt }
}

const audit = async (gateway: RecipeGateway, licenceId: string): Promise<void> => {
  const auditor = await clientOf(gateway, 'auditor-1')
  const query = { licence: licenceId, reason: '核查用证记录' }
  const { data } = await as('searchEvents', () => auditor.audit.searchEvents(query))
  await as('getReceipt', () => auditor.receipts.get(data.events[0]?.no ?? ''))
  await as('listCheckpoints', () => auditor.audit.listCheckpoints({ limit: 2 }))
}

const gateway = await startGateway(join(root, 'src/cli/zhengqiao.js'))
try {
  await loadStock(gateway)
  const { licenceId, sdJwt } = await workOnCase(gateway)
  await audit(gateway, licenceId)
  const recorder = {
    as,
    keyOf: gateway.keyOf,
    clientOf: (id: string, operatorId?: string) => clientOf(gateway, id, operatorId),
  }
  await recordDepartment(recorder)
  await recordOnboarding(recorder)
  await recordLookUps(recorder, Buffer.from(sdJwt))
  const noteKey = (await readFile(join(gateway.trustDir, 'gateway.vkey'), 'utf8')).trim()
  const examples = [...recorded.values()]
  const file = join(root, 'docs/examples.json')
  await writeFile(file, `${JSON.stringify({ noteKey, examples }, null, 2)}\n`)
  process.stdout.write(`${String(examples.length)} examples in ${file}\n`)
} finally {
  await gateway.stop()
}
