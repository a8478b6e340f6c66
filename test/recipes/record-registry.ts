import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { onboardingOperations } from '../../src/client/onboarding-operations.ts'
import { get, type Operation, operations } from '../../src/client/operations.ts'
import { signStandingOrder } from '../../src/client/sign-standing-order.ts'
import type { ZhengqiaoClient } from '../../src/client/zhengqiao-client.ts'
import { makeKeyAndRequest } from '../../src/cli/registry/key-files.ts'
import { loadSignerFiles } from '../../src/crypto/load-signer-folder.ts'
import { openPlainGmCrypto } from '../../src/crypto/provider/gm-crypto.ts'
import { otherPapersOf } from './recipe-city.ts'

/** What the recorder lends its parts. */
export type Recorder = {
  /** Runs a call whose exchange is kept under its operationId. */
  readonly as: <Result>(operationId: string, call: () => Promise<Result>) => Promise<Result>
  readonly clientOf: (id: string, operatorId?: string) => Promise<ZhengqiaoClient>
  readonly keyOf: (id: string) => string
}

type Input = Parameters<ZhengqiaoClient['call']>[1]

const police = '113702990037000297'
const identityCard = '113702990037000297016'

/** A system comes to the gateway: organisation, client, certificate, operator, grants, and what ends them. */
export const recordOnboarding = async ({ as, clientOf }: Recorder): Promise<void> => {
  const by = (client: ZhengqiaoClient) => ({
    call: (name: keyof typeof onboardingOperations, input: Input = {}) => {
      const operation: Operation<unknown> = onboardingOperations[name]
      return as(name, () => client.call(operation, input))
    },
  })
  const admin = by(await clientOf('admin-1'))
  const security = by(await clientOf('security-1'))
  const steward = by(await clientOf('police-steward-1'))
  const params = { organisationId: 'parks', clientId: 'parks-desk', operatorId: 'parks-0001' }

  const organisation = { nameZh: '园林局', uscc: '11370200MB2345678X', roles: ['C'] }
  const { organisationId, clientId, operatorId } = params
  await admin.call('registerOrganisation', { body: { organisationId, ...organisation } })
  await admin.call('getOrganisation', { params: { organisationId } })
  await admin.call('listOrganisations', { query: { limit: 2 } })
  const client = { clientId, kind: 'system', organisationId, roles: ['C'] }
  await admin.call('registerClient', { body: client })
  await admin.call('listClients', { query: { organisation: organisationId } })
  const operator = { operatorId, clientId, name: '测试员', window: 'A01' }
  await admin.call('registerOperator', { body: operator })
  await admin.call('getOperator', { params: { operatorId } })
  await admin.call('listOperators', { query: { client: clientId } })

  const csr = await withFolder((folder) =>
    makeKeyAndRequest(join(folder, 'key'), clientId, { alg: 'ES256', passphrase: undefined }),
  )
  const { data: request } = await admin.call('requestCertificate', {
    params: { clientId },
    body: { csr },
  })
  const { requestId } = z.object({ requestId: z.string() }).parse(request)
  await security.call('issueCertificate', { params: { clientId, requestId } })
  await admin.call('getClient', { params: { clientId } })

  const wanted = { clientId, typeCode: identityCard, itemCode: 'QD-RS-007' }
  const { data: grant } = await admin.call('proposeGrant', {
    body: { ...wanted, legalBasis: '《社会保险法》第五十八条' },
  })
  const { grantId } = z.object({ grantId: z.string() }).parse(grant)
  await steward.call('approveGrant', { params: { grantId } })
  await steward.call('getGrant', { params: { grantId } })
  await admin.call('listGrants', { query: { client: clientId } })
  await steward.call('revokeGrant', { params: { grantId }, body: { reason: '系统停用' } })

  await admin.call('suspendOperator', { params: { operatorId }, body: { reason: '离开窗口' } })
  await admin.call('resumeOperator', { params: { operatorId }, body: { reason: '回到窗口' } })
  await security.call('revokeClient', { params: { clientId }, body: { reason: '系统停用' } })
}

/** A department's daily life: what it says it holds, how far the load has come, one licence at a time. */
export const recordDepartment = async ({ as, clientOf, keyOf }: Recorder): Promise<void> => {
  const steward = await clientOf('police-steward-1')
  const push = await clientOf('push-police')
  const declaration = { issuerCode: police, typeCode: identityCard, rows: 12, asOf: '2018-11-30' }
  await as('declareStock', () => steward.call(operations.declareStock, { body: declaration }))
  await as('listProgress', () => steward.call(operations.listProgress))

  const signer = await loadSignerFiles(
    openPlainGmCrypto().sm2,
    join(keyOf('police-steward-1'), 'key.pem'),
    join(keyOf('police-steward-1'), 'cert.pem'),
  )
  const [paper] = await otherPapersOf(police)
  const row = z.object({ typeCode: z.string() }).catchall(z.json()).parse(paper)
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  const jws = await signStandingOrder(signer, {
    ...{ issuer: police, types: [row.typeCode], maxPerDay: 100, until },
  })
  const order = await as('addStandingOrder', () =>
    steward.call(operations.addStandingOrder, { body: { jws } }),
  )
  const { licenceId } = (await as('issueLicence', () => push.licences.issue(row))).data
  const change = { reason: '挂失', documentNo: '公户挂〔2018〕1号' }
  const effectiveAt = new Date(Date.now() - 60_000).toISOString()
  const status = { ...change, status: 'suspended' as const, effectiveAt }
  await as('changeLicenceStatus', () => push.licences.changeStatus(licenceId, status))
  await as('listLicenceVersions', () => push.licences.listVersions(licenceId))
  const { orderId } = order.data
  await as('revokeStandingOrder', () =>
    steward.call(operations.revokeStandingOrder, { params: { orderId } }),
  )
}

/** What everybody may look up, and the verification room. */
export const recordLookUps = async (
  { as, clientOf }: Recorder,
  file: Uint8Array,
): Promise<void> => {
  const clerk = await clientOf('clerk-city', 'clerk-city-001')
  await as('listItems', () => clerk.items.list())
  await as('listLicenceTypes', () => clerk.licenceTypes.list())
  const supervisor = await clientOf('supervisor-1')
  const anything = z.json()
  await as('listHalls', () => supervisor.call(get('/v1/halls', anything)))
  const verification = z.looseObject({ verificationId: z.string() })
  const body = { file: Buffer.from(file).toString('base64') }
  const verify = { ...get('/v1/verifications', verification), method: 'POST' as const }
  const answer = await as('verify', () => clerk.call(verify, { body }))
  const params = { verificationId: answer.data.verificationId }
  const report = get('/v1/verifications/{verificationId}/report', anything)
  await as('getVerificationReport', () => clerk.call(report, { params }))
}

const withFolder = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'zhengqiao-examples-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
