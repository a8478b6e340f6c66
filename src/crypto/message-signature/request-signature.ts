import { decodeBase64Url } from '../base64url.ts'
import { parseDictionary } from './parse-structured-field.ts'
import { serialiseInnerList } from './serialise-structured-field.ts'
import { signatureBase } from './signature-base.ts'
import {
  type BareItem,
  type InnerList,
  isInnerList,
  type Item,
  MessageSignatureError,
  type Parameters,
} from './structured-field.ts'

/** Headers that a signed request covers whenever it carries them; nothing else may be covered. */
export const coveredHeaders = [
  'content-type',
  'content-digest',
  'idempotency-key',
  'zhengqiao-operator',
  'zhengqiao-seq',
  'zhengqiao-last',
] as const

/** `alg` values of the profile: the registered name of RFC 9421 and our own for SM2 with SM3. */
export const requestAlgorithms = ['ecdsa-p256-sha256', 'sm2-sm3'] as const
export type RequestAlgorithm = (typeof requestAlgorithms)[number]

/** What of a request is signed. `targetUri` is the public URL with the raw path and query. */
export type SignableRequest = {
  readonly method: string
  readonly targetUri: string
  readonly header: (name: (typeof coveredHeaders)[number]) => string | undefined
}

export type RequestSignatureParameters = {
  /** Unix seconds. */
  readonly created: number
  readonly expires?: number
  /** 16 to 64 bytes, base64url. */
  readonly nonce: string
  /** Name of the certificate (certificate-id.ts): 32 bytes, base64url. */
  readonly keyId: string
  readonly algorithm: RequestAlgorithm
}

export type RequestSignature = RequestSignatureParameters & {
  readonly covered: InnerList
  /** r||s, 64 bytes. */
  readonly signature: Uint8Array
}

/** The text to sign and the value of Signature-Input for it (one signature, label `sig1`). */
export const prepareRequestSignature = (
  request: SignableRequest,
  parameters: RequestSignatureParameters,
): { readonly base: string; readonly signatureInput: string } => {
  const covered: InnerList = {
    items: componentNames(request).map((name) => ({
      item: { kind: 'string', value: name },
      parameters: new Map(),
    })),
    parameters: parametersOf(parameters),
  }
  return {
    base: requestSignatureBase(request, covered),
    signatureInput: `sig1=${serialiseInnerList(covered)}`,
  }
}

/**
 * Reads Signature-Input and Signature of the profile: one member `sig1` in each, the five known
 * parameters (and `expires`), a signature of 64 bytes. Which components are covered is judged by
 * requireExactCover.
 * @throws MessageSignatureError
 */
export const parseRequestSignature = (
  signatureInput: string,
  signature: string,
): RequestSignature => {
  const covered = onlyMember(signatureInput)
  if (!isInnerList(covered)) throw new MessageSignatureError('label', 'sig1 is not a list')
  const value = onlyMember(signature)
  if (isInnerList(value) || value.item.kind !== 'bytes' || value.parameters.size > 0)
    throw new MessageSignatureError('label', 'sig1 is not a byte sequence')
  if (value.item.value.length !== 64)
    throw new MessageSignatureError('signature_length', 'a signature has 64 bytes')
  return { ...readParameters(covered.parameters), covered, signature: value.item.value }
}

/** @throws MessageSignatureError components unless exactly the components of the profile are covered */
export const requireExactCover = (request: SignableRequest, covered: InnerList): void => {
  const expected = new Set<string>(componentNames(request))
  for (const { item, parameters } of covered.items)
    if (item.kind !== 'string' || parameters.size > 0 || !expected.delete(item.value))
      throw new MessageSignatureError('components', 'a component outside the profile')
  if (expected.size > 0)
    throw new MessageSignatureError('components', `not covered: ${[...expected].join(' ')}`)
}

/** The signature base of a request whose cover is exact. */
export const requestSignatureBase = (request: SignableRequest, covered: InnerList): string =>
  signatureBase(covered, (component) => componentValue(request, component))

const componentNames = (request: SignableRequest): string[] => [
  '@method',
  '@target-uri',
  ...coveredHeaders.filter((name) => request.header(name) !== undefined),
]

const componentValue = (request: SignableRequest, { item }: Item): string => {
  if (item.value === '@method') return request.method
  if (item.value === '@target-uri') return request.targetUri
  const name = coveredHeaders.find((header) => header === item.value)
  const value = name === undefined ? undefined : request.header(name)
  if (value === undefined)
    throw new MessageSignatureError('components', 'a component that the request does not carry')
  return value
}

const parametersOf = (parameters: RequestSignatureParameters): Parameters =>
  new Map<string, BareItem>([
    ['created', { kind: 'integer', value: parameters.created }],
    ...(parameters.expires === undefined
      ? []
      : ([['expires', { kind: 'integer', value: parameters.expires }]] as const)),
    ['nonce', { kind: 'string', value: parameters.nonce }],
    ['keyid', { kind: 'string', value: parameters.keyId }],
    ['alg', { kind: 'string', value: parameters.algorithm }],
  ])

const onlyMember = (text: string): Item | InnerList => {
  const members = parseDictionary(text)
  const member = members.get('sig1')
  if (member === undefined || members.size !== 1)
    throw new MessageSignatureError('label', 'exactly one signature, labelled sig1')
  return member
}

const readParameters = (parameters: Parameters): RequestSignatureParameters => {
  const known = new Set(['created', 'expires', 'nonce', 'keyid', 'alg'])
  for (const name of parameters.keys())
    if (!known.has(name)) throw badParameter('an unknown parameter')
  const algorithm = requestAlgorithms.find((name) => name === textOf(parameters, 'alg'))
  if (algorithm === undefined) throw badParameter('alg')
  const created = secondsOf(parameters, 'created')
  if (created === undefined) throw badParameter('created')
  const expires = secondsOf(parameters, 'expires')
  if (expires !== undefined && expires < created) throw badParameter('expires')
  return {
    created,
    ...(expires === undefined ? {} : { expires }),
    nonce: bytesTextOf(parameters, 'nonce', 16, 64),
    keyId: bytesTextOf(parameters, 'keyid', 32, 32),
    algorithm,
  }
}

const textOf = (parameters: Parameters, name: string): string => {
  const item = parameters.get(name)
  if (item?.kind !== 'string') throw badParameter(name)
  return item.value
}

const secondsOf = (parameters: Parameters, name: string): number | undefined => {
  const item = parameters.get(name)
  if (item === undefined) return undefined
  if (item.kind !== 'integer' || item.value < 0) throw badParameter(name)
  return item.value
}

const bytesTextOf = (parameters: Parameters, name: string, min: number, max: number): string => {
  const text = textOf(parameters, name)
  const length = decodedLength(text)
  if (length < min || length > max) throw badParameter(name)
  return text
}

const decodedLength = (text: string): number => {
  try {
    return decodeBase64Url(text).length
  } catch {
    return 0
  }
}

const badParameter = (name: string): MessageSignatureError =>
  new MessageSignatureError('parameters', `signature parameter: ${name}`)
