import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { OutgoingRequest, RequestKey, SignedRequest } from '../../src/client/sign-request.ts'
import { type Role, roles } from '../../src/contract/caller.ts'
import { decodeBase64, encodeBase64 } from '../../src/crypto/base64url.ts'
import { without } from './without.ts'

/** One signed operation of an API, as its OpenAPI document describes it. */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** With every parameter filled in. */
  readonly path: string
  readonly roles: readonly Role[]
  readonly idempotent: boolean
  readonly body: 'json' | 'stream' | undefined
}

/** A gateway under attack, and the keys that the attacker holds. */
export type Surface = {
  readonly publicUrl: string
  readonly sign: (key: RequestKey, request: OutgoingRequest) => Promise<SignedRequest>
  readonly send: (request: SignedRequest) => Promise<Refusal>
  /** A registered key of exactly this role. */
  readonly keyOf: (role: Role) => RequestKey
  readonly stranger: RequestKey
  readonly expired: RequestKey
  readonly revoked: RequestKey
  /** Signs as if the clock were off by so many seconds. */
  readonly signAt: (
    skewSeconds: number,
    key: RequestKey,
    request: OutgoingRequest,
  ) => Promise<SignedRequest>
}

export type Refusal = { readonly status: number; readonly code: unknown }

const document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        'x-roles': z.array(z.enum(roles)).optional(),
        parameters: z.array(z.object({ name: z.string() })).default([]),
        requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
      }),
    ),
  ),
})

/** Every operation of an OpenAPI document that wants a signature. */
export const operationsOf = (openApi: unknown): readonly Operation[] =>
  Object.entries(document.parse(openApi).paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      operation['x-roles'] === undefined
        ? []
        : [
            {
              method: z.enum(['GET', 'POST', 'PUT']).parse(method.toUpperCase()),
              path: path.replace(/\{[^}]+\}/g, '01937b7e-0000-7000-8000-000000000000'),
              roles: operation['x-roles'],
              idempotent: operation.parameters.some(({ name }) => name === 'Idempotency-Key'),
              body: bodyKind(operation.requestBody?.content),
            },
          ],
    ),
  )

const bodyKind = (content: Record<string, unknown> | undefined): Operation['body'] => {
  if (content === undefined) return undefined
  return 'application/json' in content ? 'json' : 'stream'
}

/** Walks every operation with every fault of a signature; a new route is walked by being there. */
export const everyRouteRefuses = (
  name: string,
  getSurface: () => Surface,
  operations: readonly Operation[],
): void => {
  describe.each(operations.map((operation) => ({ ...operation, operation })))(
    `${name}: $method $path refuses`,
    ({ operation }) => {
      const attack = attackOn(operation, getSurface)

      it('a request without a signature', async () => {
        const bare = without((await attack.signed()).headers, 'signature')
        expect(await attack.send({ headers: bare })).toEqual(refused('signature_required'))
        expect(await attack.send({ headers: {} })).toEqual(refused('signature_required'))
      })

      it('a signature with one bit flipped', async () => {
        const { headers } = await attack.signed()
        for (const byte of [0, 31, 32, 63])
          expect(await attack.send({ headers: withFlippedBit(headers, byte) })).toEqual(
            refused('signature_invalid'),
          )
      })

      it("a stranger's key", async () => {
        expect(await attack.by(getSurface().stranger)).toEqual(refused('client_unknown'))
      })

      it('a key whose certificate has expired or was revoked', async () => {
        expect(await attack.by(getSurface().expired)).toEqual(refused('certificate_expired'))
        expect(await attack.by(getSurface().revoked)).toEqual(refused('certificate_revoked'))
      })

      it('every role that may not call it', async () => {
        for (const role of roles.filter((each) => !operation.roles.includes(each)))
          expect(await attack.by(getSurface().keyOf(role))).toEqual({
            status: 403,
            code: 'scope_missing',
          })
      })

      it('a clock that is off, before or after', async () => {
        for (const skewSeconds of [-601, 601])
          expect(await attack.send(await attack.signedAt(skewSeconds))).toEqual(
            refused('clock_skew'),
          )
      })

      it('a request signed for another host, path, query or method', async () => {
        const { publicUrl } = getSurface()
        const other = 'https://other.example'
        const elsewhere = await attack.signed({ url: other + operation.path })
        for (const signed of [
          { ...elsewhere, url: publicUrl + operation.path },
          { ...(await attack.signed()), url: `${publicUrl}${operation.path}?x=1` },
          { ...(await attack.signed({ url: `${publicUrl}/v1` })), url: publicUrl + operation.path },
          {
            ...(await attack.signed({ method: otherMethod(operation) })),
            method: operation.method,
          },
        ])
          expect(await attack.send(signed)).toEqual(refused('signature_invalid'))
      })

      it('a header that was added, changed or repeated', async () => {
        const { headers } = await attack.signed()
        const { signature = '' } = headers
        for (const changes of [
          { 'zhengqiao-operator': 'someone' },
          { 'zhengqiao-seq': '5' },
          { 'content-digest': 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:' },
          { signature: `${signature}, ${signature}` },
        ])
          expect(await attack.send({ headers: { ...headers, ...changes } })).toEqual(
            refused('signature_invalid'),
          )
      })

      it('the same request a second time', async () => {
        const signed = await attack.signed()
        await attack.send(signed)
        expect(await attack.send(signed)).toEqual(refused('nonce_replayed'))
      })

      it.runIf(operation.body === 'json')(
        'content that is no JSON, repeats a member or has a field that nobody knows',
        async () => {
          for (const [content, code] of badContents) {
            const signed = await attack.signed({ body: Buffer.from(content) })
            expect(await attack.send(signed)).toEqual({ status: 400, code })
          }
          const text = await attack.signed({ contentType: 'text/plain' })
          expect(await attack.send(text)).toEqual({ status: 415, code: 'file_type_unsupported' })
        },
      )

      it('a query that nobody knows', async () => {
        const signed = await attack.signed({
          url: `${getSurface().publicUrl}${operation.path}?no-such-parameter=1`,
        })
        expect(await attack.send(signed)).toEqual({ status: 400, code: 'unknown_field' })
      })

      it.runIf(operation.body !== undefined)('a body other than the one signed', async () => {
        const signed = await attack.signed()
        expect(await attack.send({ ...signed, body: Buffer.from('{"a":1}') })).toEqual(
          refused('digest_mismatch'),
        )
      })
    },
  )
}

const badContents = [
  ['{', 'malformed_json'],
  ['{"a":1,"a":1}', 'malformed_json'],
  ['{"a":"\\ud800"}', 'malformed_json'],
  ['['.repeat(65) + ']'.repeat(65), 'malformed_json'],
  ['{"no-such-field":1}', 'unknown_field'],
] as const

const refused = (code: string): Refusal => ({ status: 401, code })

const attackOn = (operation: Operation, getSurface: () => Surface) => {
  const [role] = operation.roles
  const request = (): OutgoingRequest => ({
    method: operation.method,
    url: getSurface().publicUrl + operation.path,
    ...(operation.body === undefined
      ? {}
      : {
          body: Buffer.from('{}'),
          contentType: operation.body === 'stream' ? 'application/x-ndjson' : 'application/json',
        }),
    ...(operation.idempotent ? { idempotencyKey: `walk-${String(Math.random())}` } : {}),
  })
  const ownKey = (): RequestKey => {
    if (role === undefined) throw new Error('an operation without a role')
    return getSurface().keyOf(role)
  }
  const signed = (changes: Partial<OutgoingRequest> = {}): Promise<SignedRequest> =>
    getSurface().sign(ownKey(), { ...request(), ...changes })
  const send = async (changes: Partial<SignedRequest>): Promise<Refusal> => {
    const { status, code } = await getSurface().send({ ...(await signed()), ...changes })
    return { status, code }
  }
  return {
    signed,
    send,
    signedAt: (skewSeconds: number) => getSurface().signAt(skewSeconds, ownKey(), request()),
    by: async (key: RequestKey) => send(await getSurface().sign(key, request())),
  }
}

const otherMethod = ({ method }: Operation): 'GET' | 'POST' => (method === 'GET' ? 'POST' : 'GET')

const withFlippedBit = (
  headers: SignedRequest['headers'],
  byte: number,
): SignedRequest['headers'] => {
  const bytes = Buffer.from(decodeBase64((headers['signature'] ?? '').slice('sig1=:'.length, -1)))
  bytes.writeUInt8((bytes[byte] ?? 0) ^ 1, byte)
  return { ...headers, signature: `sig1=:${encodeBase64(bytes)}:` }
}
