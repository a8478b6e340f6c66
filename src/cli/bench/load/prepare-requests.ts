import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { loadRequestKey } from '../../../client/request-key.ts'
import { type RequestKey, signRequest } from '../../../client/sign-request.ts'
import type { RandomBytes } from '../../../contract/uuid.ts'
import { encodeBase64Url } from '../../../crypto/base64url.ts'

export const requestSchema = z.object({
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  body: z.string().optional(),
  /** Whose key signs; none for a peer that asks for no signature. */
  clientId: z.string().optional(),
  operatorId: z.string().optional(),
  idempotent: z.boolean().optional(),
})
/** A request before it is signed. */
export type RequestSpec = z.output<typeof requestSchema>

export type PrepareDeps = {
  readonly publicUrl: string
  /** Folders `<client id>/` with key.pem and cert.pem. */
  readonly clientsDir: string
  readonly now: () => Date
  readonly randomBytes: RandomBytes
}

/** Signs the requests now and writes them out as HTTP/1.1, so that sending them costs a write each. */
export const createPreparer = (
  deps: PrepareDeps,
): ((specs: readonly RequestSpec[]) => Promise<Buffer[]>) => {
  const keys = new Map<string, Promise<RequestKey>>()
  const keyOf = (clientId: string): Promise<RequestKey> => {
    const key = keys.get(clientId) ?? readKey(deps.clientsDir, clientId)
    keys.set(clientId, key)
    return key
  }
  return async (specs) => {
    const requests: Buffer[] = []
    for (const spec of specs) {
      const key = spec.clientId === undefined ? undefined : await keyOf(spec.clientId)
      requests.push(await prepare(deps, key, spec))
    }
    return requests
  }
}

const readKey = async (clientsDir: string, clientId: string): Promise<RequestKey> => {
  const read = (file: string) => readFile(join(clientsDir, clientId, file), 'utf8')
  return loadRequestKey(await read('key.pem'), await read('cert.pem'))
}

const prepare = async (
  { publicUrl, now, randomBytes }: PrepareDeps,
  key: RequestKey | undefined,
  { method, path, body: text, operatorId, idempotent }: RequestSpec,
): Promise<Buffer> => {
  const body = text === undefined ? undefined : Buffer.from(text)
  if (key === undefined) return onTheWire({ publicUrl, method, path, headers: {}, body })
  const { headers } = await signRequest(
    { key, now: now(), randomBytes },
    {
      method,
      url: `${publicUrl}${path}`,
      ...(body === undefined ? {} : { body }),
      ...(operatorId === undefined ? {} : { operatorId }),
      ...(idempotent === true ? { idempotencyKey: encodeBase64Url(randomBytes(18)) } : {}),
    },
  )
  return onTheWire({ publicUrl, method, path, headers, body })
}

const onTheWire = (request: {
  readonly publicUrl: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}): Buffer => {
  const { publicUrl, method, path, headers, body } = request
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(publicUrl).host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`content-length: ${String(body.length)}`]),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)])
}
