import type { RandomBytes } from '../contract/uuid.ts'
import { type AtRest, type BlobKey, internationalAtRest } from '../crypto/at-rest.ts'
import { StoreError } from './store-error.ts'

const indexKinds = ['holder', 'name', 'number', 'identifier', 'subject', 'request'] as const
/** What a keyed hash is of; equal texts of two kinds have unrelated hashes. */
export type IndexKind = (typeof indexKinds)[number]

/**
 * Bytes kept of an index that stands with every licence, in tables and their indexes: HMAC-SHA-256-128
 * (RFC 4868 §2.3), under which 10^9 texts meet by chance with a probability of 10^-21.
 */
const shortBytes = 16
const shortKinds: ReadonlySet<IndexKind> = new Set(['holder', 'name', 'number', 'identifier'])

export type Sealed = { readonly blob: Buffer; readonly keyId: string }
export type Indexed = { readonly index: Buffer; readonly keyId: string }

/**
 * The keys of data at rest. New rows take the current key; rows of the previous one stay readable, and
 * look-ups ask under both, until a reindex has moved them.
 */
export type DataKeys = {
  readonly current: { readonly keyId: string }
  /** AES-256-GCM, or SM4-GCM under the gm profile; `aad` binds the blob to its row, so that it opens nowhere else. */
  readonly seal: (plaintext: Uint8Array, aad: Uint8Array) => Sealed
  /** @throws StoreError key_file for a key that is not in the file; CryptoError for a changed blob. */
  readonly open: (blob: Uint8Array, keyId: string, aad: Uint8Array) => Buffer
  /** HMAC (SHA-256, or SM3 under the gm profile) of a normalised text under the current key: what a new row stores. */
  readonly index: (kind: IndexKind, text: string) => Indexed
  /** The same under every valid key, current first: what a look-up asks for. */
  readonly indexAll: (kind: IndexKind, text: string) => readonly Indexed[]
}

/**
 * The key file's content; `keys` holds the current key first, then the previous one during a rotation, or
 * the `next` one that all nodes shall know before any of them writes under it.
 */
export type DataKeyFile = {
  readonly version: 1
  readonly keys: readonly {
    readonly keyId: string
    readonly secret: string
    readonly next?: boolean
  }[]
}

type Key = {
  readonly keyId: string
  readonly blobs: BlobKey
  readonly index: ReadonlyMap<IndexKind, Uint8Array>
  readonly mac: AtRest['mac']
}

/** A new file with one key. */
export const createDataKeys = (random: RandomBytes): DataKeyFile => ({
  version: 1,
  keys: [newKey(random)],
})

/**
 * Makes the prepared key the current one, or a new one; the present one stays valid.
 * @throws StoreError key_file while an earlier rotation is unfinished.
 */
export const rotateDataKeys = (file: DataKeyFile, random: RandomBytes): DataKeyFile => {
  const next = file.keys.find((key) => key.next === true)
  const others = file.keys.filter((key) => key.next !== true)
  if (others.length > 1) throw unfinished()
  const { keyId, secret } = next ?? newKey(random)
  return { version: 1, keys: [{ keyId, secret }, ...others] }
}

/**
 * Adds the next key without writing under it yet: for several nodes, of which none may meet rows under a
 * key that it does not know. @throws StoreError key_file while a rotation is under way.
 */
export const prepareDataKeys = (file: DataKeyFile, random: RandomBytes): DataKeyFile => {
  if (file.keys.length > 1) throw unfinished()
  return { version: 1, keys: [...file.keys, { ...newKey(random), next: true }] }
}

/** The key that rows have to be taken away from; undefined when no rotation is under way. */
export const previousKeyId = ({ keys }: DataKeyFile): string | undefined =>
  keys.slice(1).find(({ next }) => next !== true)?.keyId

/** Forgets the previous key: only after no row carries its id any more. */
export const retireDataKey = (file: DataKeyFile): DataKeyFile => ({
  version: 1,
  keys: file.keys.slice(0, 1),
})

/** @throws StoreError key_file when the content is not a key file. */
export const parseDataKeyFile = (text: string): DataKeyFile => {
  try {
    const value: unknown = JSON.parse(text)
    if (isDataKeyFile(value)) return value
  } catch (error) {
    throw malformed(error)
  }
  throw malformed()
}

/** Derives the working keys; the secrets themselves are not kept. */
export const loadDataKeys = (file: DataKeyFile, atRest: AtRest = internationalAtRest): DataKeys => {
  const [current, ...previous] = file.keys.map((key) => deriveKey(key, atRest))
  if (!current) throw malformed()
  const all = [current, ...previous]
  return {
    current: { keyId: current.keyId },
    seal: (plaintext, aad) => ({
      blob: asBuffer(current.blobs.seal(plaintext, aad)),
      keyId: current.keyId,
    }),
    open: (blob, keyId, aad) => {
      const key = all.find((candidate) => candidate.keyId === keyId)
      if (!key) throw unknownKey(keyId)
      return asBuffer(key.blobs.open(blob, aad))
    },
    index: (kind, text) => indexUnder(current, kind, text),
    indexAll: (kind, text) => all.map((key) => indexUnder(key, kind, text)),
  }
}

const newKey = (random: RandomBytes) => ({
  keyId: `k${Buffer.from(random(6)).toString('hex')}`,
  secret: Buffer.from(random(32)).toString('base64url'),
})

const deriveKey = ({ keyId, secret }: DataKeyFile['keys'][number], atRest: AtRest): Key => {
  const master = Buffer.from(secret, 'base64url')
  const derive = (use: string, bytes = 32) =>
    atRest.derive({ master, salt: keyId, info: `zhengqiao/${use}`, bytes })
  const index = new Map(indexKinds.map((kind) => [kind, derive(`index/${kind}`)]))
  const blobs = atRest.openBlobKey(derive('seal', atRest.blobKeyBytes))
  return { keyId, blobs, index, mac: atRest.mac }
}

const indexUnder = (key: Key, kind: IndexKind, text: string): Indexed => {
  const secret = key.index.get(kind)
  if (!secret) throw new RangeError(`no index key of kind ${kind}`)
  const whole = key.mac(secret, text)
  const index = shortKinds.has(kind) ? Buffer.from(whole.subarray(0, shortBytes)) : whole
  return { index, keyId: key.keyId }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const isDataKeyFile = (value: unknown): value is DataKeyFile =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  value.version === 1 &&
  'keys' in value &&
  Array.isArray(value.keys) &&
  value.keys.length > 0 &&
  value.keys.length <= 2 &&
  value.keys.every(isKey) &&
  !isNext(value.keys[0])

const isKey = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'keyId' in value &&
  typeof value.keyId === 'string' &&
  'secret' in value &&
  typeof value.secret === 'string' &&
  /^[\w-]{43}$/.test(value.secret) &&
  (!('next' in value) || value.next === true)

/** Nothing is written under a key that is only prepared. */
const isNext = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'next' in value

const malformed = (cause?: unknown): StoreError =>
  new StoreError(
    'key_file',
    '数据密钥文件内容不正确;请从备份恢复该文件,没有它已存的数据无法读取。',
    'The data key file is malformed; restore it from a backup, without it the stored data cannot be read.',
    cause,
  )

const unknownKey = (keyId: string): StoreError =>
  new StoreError(
    'key_file',
    `数据密钥 ${keyId} 不在密钥文件里;请从备份恢复含有它的密钥文件。`,
    `Data key ${keyId} is not in the key file; restore the key file that holds it from a backup.`,
  )

const unfinished = (): StoreError =>
  new StoreError(
    'key_file',
    '上一次密钥轮换还没有完成;请先执行 zhengqiao keys reindex,再开始新的轮换。',
    'The previous key rotation is not finished; run zhengqiao keys reindex before the next one.',
  )
