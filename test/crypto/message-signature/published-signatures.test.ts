import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseDictionary } from '../../../src/crypto/message-signature/parse-structured-field.ts'
import { serialiseInnerList } from '../../../src/crypto/message-signature/serialise-structured-field.ts'
import { signatureBase } from '../../../src/crypto/message-signature/signature-base.ts'
import {
  type InnerList,
  isInnerList,
  type Item,
} from '../../../src/crypto/message-signature/structured-field.ts'

const folder = new URL('../../vectors/rfc9421/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

const message = z.object({
  method: z.string().optional(),
  url: z.string().optional(),
  status: z.number().optional(),
  headers: z.record(z.string(), z.string()),
})
type Message = z.output<typeof message>

const appendixB = z
  .object({
    request: message,
    response: message,
    cases: z.array(
      z.object({
        id: z.string(),
        message: z.enum(['request', 'response']),
        algorithm: z.string(),
        keyFile: z.string(),
        signatureInput: z.string(),
        signature: z.string(),
        signatureBase: z.string(),
        result: z.enum(['valid', 'invalid']),
        change: z
          .object({ contentType: z.string(), date: z.string(), digest: z.string() })
          .optional(),
      }),
    ),
  })
  .parse(JSON.parse(read('appendix-b.json')))

const webBotAuth = z.array(
  z.object({
    key: z.record(z.string(), z.string()),
    target_url: z.string(),
    label: z.string(),
    signature: z.string(),
    signature_input: z.string(),
    signature_agent: z.string().optional(),
  }),
)

/** Components that the published examples cover; our own profile knows fewer. */
const valueIn =
  ({ method, url, status, headers }: Message) =>
  ({ item, parameters }: Item): string => {
    const name = String(item.value)
    const target = new URL(url ?? 'http://none')
    const derived: Record<string, string> = {
      '@method': method ?? '',
      '@target-uri': target.href,
      '@authority': target.host,
      '@path': target.pathname,
      '@query': target.search,
      '@status': String(status),
      '@query-param': target.searchParams.get(String(parameters.get('name')?.value)) ?? '',
    }
    const header = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
    const member = parameters.get('key')
    if (header !== undefined && member !== undefined) return memberOf(header, String(member.value))
    return derived[name] ?? header ?? ''
  }

/** The only structured field whose member the examples sign is a dictionary of strings. */
const memberOf = (header: string, key: string): string => {
  const found = parseDictionary(header).get(key)
  if (found === undefined || isInnerList(found)) throw new Error('no such member')
  return `"${String(found.item.value)}"`
}

const listOf = (header: string): InnerList => {
  const [list] = parseDictionary(header).values()
  if (list === undefined || !isInnerList(list)) throw new Error('no list')
  return list
}

const bytesOf = (header: string): Uint8Array => {
  const [found] = parseDictionary(header).values()
  if (found === undefined || isInnerList(found) || found.item.kind !== 'bytes')
    throw new Error('no bytes')
  return found.item.value
}

const isGood = (
  algorithm: string,
  key: KeyObject,
  base: string,
  signature: Uint8Array,
): boolean => {
  const bytes = Buffer.from(base)
  if (algorithm === 'ed25519') return verify(null, bytes, key, signature)
  if (algorithm === 'ecdsa-p256-sha256')
    return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify('sha512', bytes, { key, padding, saltLength: 64 }, signature)
}

const isGoodUnderFile = (algorithm: string, file: string, base: string, signature: Uint8Array) => {
  if (algorithm !== 'hmac-sha256')
    return isGood(algorithm, publicKeyOf(read(file)), base, signature)
  const secret = Buffer.from(read(file).trim(), 'base64')
  return timingSafeEqual(createHmac('sha256', secret).update(base).digest(), signature)
}

const publicKeyOf = (pem: string): KeyObject =>
  pem.includes('PRIVATE') ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem)

const changed = (original: Message, change: (typeof appendixB.cases)[number]['change']): Message =>
  change === undefined
    ? original
    : {
        ...original,
        headers: {
          ...original.headers,
          'Content-Type': change.contentType,
          Date: change.date,
          'Content-Digest': change.digest,
        },
      }

describe('signatures of RFC 9421 appendix B', () => {
  it.each(appendixB.cases)('judges $id as published', (vector) => {
    const signed = changed(appendixB[vector.message], vector.change)
    const base = signatureBase(listOf(vector.signatureInput), valueIn(signed))
    if (vector.result === 'valid') expect(base).toBe(vector.signatureBase)
    const signature = bytesOf(vector.signature)
    expect(isGoodUnderFile(vector.algorithm, vector.keyFile, base, signature)).toBe(
      vector.result === 'valid',
    )
  })

  it('writes a signature-input back as it was read', () => {
    for (const { signatureInput } of appendixB.cases) {
      const [label] = signatureInput.split('=', 1)
      expect(`${label ?? ''}=${serialiseInnerList(listOf(signatureInput))}`).toBe(signatureInput)
    }
  })
})

describe.each(['web_bot_auth_architecture_v1.json', 'web_bot_auth_architecture_v2.json'])(
  'signed requests of %s',
  (file) => {
    it.each(webBotAuth.parse(JSON.parse(read(file))))('verifies $label', (vector) => {
      const list = listOf(vector.signature_input)
      const headers: Record<string, string> =
        vector.signature_agent === undefined ? {} : { 'signature-agent': vector.signature_agent }
      const base = signatureBase(list, valueIn({ url: vector.target_url, headers }))
      const key = createPublicKey({ key: vector.key, format: 'jwk' })
      const algorithm = String(list.parameters.get('alg')?.value)
      const signature = bytesOf(vector.signature)
      expect(isGood(algorithm, key, base, signature)).toBe(true)
      expect(isGood(algorithm, key, `${base} `, signature)).toBe(false)
    })
  },
)
