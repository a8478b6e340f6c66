import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createAccessDirectory } from '../../src/access/access-directory.ts'
import type { Client } from '../../src/access/client.ts'
import { insertClient } from '../../src/access/client-store.ts'
import { insertOperator } from '../../src/access/operator-store.ts'
import { insertOrganisation } from '../../src/access/organisation-store.ts'
import { registerCertificate } from '../../src/access/register-certificate.ts'
import {
  type OutgoingRequest,
  type RequestKey,
  requestKeyOf,
  type SignedRequest,
  signRequest,
} from '../../src/client/sign-request.ts'
import type { Role } from '../../src/contract/caller.ts'
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { asId, type OperatorId } from '../../src/contract/ids.ts'
import { decodeBase64Url } from '../../src/crypto/base64url.ts'
import { digest } from '../../src/crypto/digest.ts'
import type { JsonObject, JsonValue } from '../../src/crypto/json-value.ts'
import { isJsonObject } from '../../src/crypto/json-value.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { loadFileSigner } from '../../src/crypto/signer.ts'
import { loadNoteSigner } from '../../src/crypto/sign-note.ts'
import { type App, type AppDeps, createApp } from '../../src/http/create-app.ts'
import type { HttpLimits } from '../../src/http/limits.ts'
import type { OpenRoute } from '../../src/http/open-route.ts'
import type { EvidenceLedger } from '../../src/http/pipeline-deps.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { inTransaction, type Tx } from '../../src/store/in-transaction.ts'
import type { Store } from '../../src/store/open-store.ts'
import { issueCertificate, makeRoot } from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { testStore } from '../support/database.ts'
import { testDataKeys } from '../support/data-keys.ts'

export const publicUrl = 'https://gateway.example'

export type WorldOptions = {
  readonly endpoints: readonly Endpoint<Tx>[]
  readonly openRoutes?: readonly OpenRoute[]
  readonly limits?: Partial<HttpLimits>
  /** Stands in front of the ledger, to let it fail. */
  readonly aroundLedger?: (ledger: EvidenceLedger) => EvidenceLedger
  readonly store?: Store
}

export type NewClient = {
  readonly id: string
  readonly roles: readonly Role[]
  readonly kind?: Client['kind']
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Credit code of its organisation. */
  readonly uscc?: string
}

export type Reply = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: JsonObject
  readonly code: JsonValue | undefined
}

/** A gateway's front door with a database, a ledger and clients of its own; its clock stands still. */
export const httpWorld = async (options: WorldOptions) => {
  const store = options.store ?? (await testStore())
  const dataKeys = testDataKeys()
  const time = { now: new Date('2026-11-23T02:00:00.000Z') }
  const clock = { now: () => time.now, cityDate: () => '2018-11-30' }
  const { privateKey } = generateKeyPairSync('ed25519')
  const notePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const noteSigner = loadNoteSigner('gateway.example', notePem)
  const ledger = await openLedger({
    store,
    keys: dataKeys,
    noteSigners: [noteSigner],
    gateway: 'gateway.example',
    clock,
    random: randomBytes,
  })
  const logged: unknown[] = []
  const log = (facts: object, message: string) => logged.push({ message, ...facts })
  const directory = createAccessDirectory({
    db: store.db,
    nowMs: () => Date.now(),
    refreshAfterMs: 0,
    staleAfterMs: 0,
  })
  const makeApp = (limits: Partial<HttpLimits> = {}, more: Pick<AppDeps, 'observe'> = {}): App =>
    createApp({
      endpoints: options.endpoints,
      openRoutes: options.openRoutes ?? [],
      publicUrl,
      store,
      directory,
      ledger: options.aroundLedger?.(ledger) ?? ledger,
      dataKeys,
      clock,
      randomBytes,
      logger: { info: log, error: log },
      limits: { ...options.limits, ...limits },
      ...more,
    })
  const app = makeApp()
  const authority = await testAuthority(time.now)
  const send = async (signed: SignedRequest, to: App = app): Promise<Reply> =>
    replyOf(await to.fetch(requestOf(signed)))
  const sign = (key: RequestKey, request: Partial<OutgoingRequest> & { readonly path?: string }) =>
    signRequest(
      { key, now: time.now, randomBytes },
      { method: 'GET', url: `${publicUrl}${request.path ?? '/'}`, ...request },
    )
  return {
    store,
    ledger,
    noteKey: noteSigner.key,
    dataKeys,
    directory,
    time,
    clock,
    logged,
    app,
    makeApp,
    sign,
    send,
    signAt: (skewSeconds: number, key: RequestKey, request: OutgoingRequest) =>
      signRequest(
        { key, now: new Date(time.now.getTime() + skewSeconds * 1000), randomBytes },
        request,
      ),
    /** Signs and sends. */
    ask: async (key: RequestKey, request: Partial<OutgoingRequest> & { readonly path?: string }) =>
      send(await sign(key, request)),
    strangersKey: () => authority.issue(time.now),
    addClient: async (client: NewClient): Promise<RequestKey> => {
      const { key, der } = await authority.issue(time.now, client)
      await inTransaction(store, (tx) => register(tx, { client, der, now: time.now, dataKeys }))
      return key
    },
    addOperator: (operator: { id: string; client: string; suspended?: boolean }) =>
      inTransaction(store, (tx) =>
        insertOperator(tx, dataKeys, {
          operatorId: asId(operator.id),
          clientId: asId(operator.client),
          organisationId: asId(`org-${operator.client}`),
          serviceWindow: 'A01',
          suspended: operator.suspended ?? false,
          name: '测试员',
          createdAt: time.now,
        }),
      ),
  }
}

export type HttpWorld = Awaited<ReturnType<typeof httpWorld>>

export const requestOf = (signed: SignedRequest): Request =>
  new Request(signed.url, {
    method: signed.method,
    headers: signed.headers,
    ...(signed.body === undefined ? {} : { body: Buffer.from(signed.body) }),
  })

/** A JSON body for an outgoing request. */
export const jsonBody = (value: JsonValue): Uint8Array => Buffer.from(JSON.stringify(value))

/** The event that a receipt opens to. */
export const eventOf = (reply: Pick<Reply, 'json'>): JsonObject => {
  const receipt = reply.json['receipt']
  const event = isJsonObject(receipt) ? receipt['event'] : undefined
  if (typeof event !== 'string') throw new Error('no receipt')
  const parsed = parseJson(decodeBase64Url(event))
  if (!isJsonObject(parsed)) throw new Error('no event')
  return parsed
}

const replyOf = async (response: Response): Promise<Reply> => {
  const text = await response.text()
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  const parsed = isJson ? parseJson(text) : undefined
  const json = isJsonObject(parsed) ? parsed : {}
  return { status: response.status, headers: response.headers, text, json, code: json['code'] }
}

const testAuthority = async (now: Date) => {
  const validity = { notBefore: now, notAfter: new Date(now.getTime() + 3.15e10) }
  const root = await makeRoot({
    subject: writeName({ commonName: 'test root' }),
    key: generateP256Key().key,
    validity,
    random: randomBytes,
  })
  return {
    issue: async (at: Date, client: Partial<NewClient> = {}) => {
      const { key, privateKeyPem } = generateP256Key()
      const der = await issueCertificate({
        issuer: root,
        profile: 'client',
        subject: writeName({ commonName: client.id ?? 'stranger' }),
        spki: key.spki,
        uri: `urn:zhengqiao:client:${client.id ?? 'stranger'}`,
        validity: {
          notBefore: client.notBefore ?? new Date(at.getTime() - 86_400_000),
          notAfter: client.notAfter ?? new Date(at.getTime() + 86_400_000),
        },
        random: randomBytes,
      })
      return { key: requestKeyOf(loadFileSigner(privateKeyPem, [der])), der }
    },
  }
}

const register = async (
  tx: Tx,
  {
    client,
    der,
    now,
    dataKeys,
  }: {
    readonly client: NewClient
    readonly der: Uint8Array
    readonly now: Date
    readonly dataKeys: ReturnType<typeof testDataKeys>
  },
): Promise<void> => {
  const { id, roles, kind = 'system' } = client
  const organisationId = asId<never>(`org-${id}`)
  await insertOrganisation(
    tx,
    {
      organisationId,
      nameZh: `机构 ${id}`,
      uscc: asId(client.uscc ?? usccLike(id)),
      parentId: undefined,
      roles,
      connected: true,
    },
    now,
  )
  const operatorId: OperatorId | undefined = kind === 'person' ? asId(`${id}-person`) : undefined
  await insertClient(tx, { clientId: asId(id), kind, organisationId, roles, operatorId }, now)
  if (operatorId !== undefined)
    await insertOperator(tx, dataKeys, {
      operatorId,
      organisationId,
      clientId: asId(id),
      serviceWindow: undefined,
      suspended: false,
      name: '测试员',
      createdAt: now,
    })
  await registerCertificate(tx, { clientId: asId(id), der, now })
}

const usccLike = (id: string): string =>
  Buffer.from(digest('sha-256', id)).toString('hex').slice(0, 18).toUpperCase()
