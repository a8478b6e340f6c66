// Loaded with `node --import` before anything else: counts every cryptographic call that a process makes,
// at node:crypto, at WebCrypto and on the product's own channel for what WebAssembly does. The folder for
// the counts comes in the URL, `count-calls.js?dir=…`.
import crypto from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

const dir = new URL(import.meta.url).searchParams.get('dir')
const file = join(dir, `${process.pid}-${threadId}.json`)
const counts = new Map()

/** National algorithms need no place; of all others the first frame outside node and this file is kept. */
const placeOf = (algorithm) => {
  if (/sm[234]/i.test(algorithm)) return ''
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  Error.stackTraceLimit = limit
  const outside = frames.filter((frame) => !/node:|count-calls/.test(frame))
  const frame = outside.find((each) => !each.includes('/src/crypto/')) ?? outside[0] ?? ''
  return /(?:file:\/\/)?(\/[^):]+)/.exec(frame)?.[1] ?? frame.trim()
}

const count = (operation, algorithm) => {
  const name = String(algorithm ?? 'none').toLowerCase()
  const key = JSON.stringify([operation, name, placeOf(name)])
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const keyName = (key) => {
  const own = key?.key ?? key
  const object = own?.asymmetricKeyType === undefined ? undefined : own
  return object?.asymmetricKeyDetails?.namedCurve ?? object?.asymmetricKeyType ?? 'key'
}

const wrap = (owner, name, note) => {
  const original = owner[name]
  if (typeof original !== 'function') return
  owner[name] = function (...args) {
    note(...args)
    return original.apply(this, args)
  }
}

for (const name of ['hash', 'createHash']) wrap(crypto, name, (alg) => count('hash', alg))
wrap(crypto, 'createHmac', (alg) => count('mac', alg))
for (const name of ['hkdf', 'hkdfSync']) wrap(crypto, name, (alg) => count('derive', alg))
for (const name of ['pbkdf2', 'pbkdf2Sync'])
  wrap(crypto, name, (_p, _s, _i, _l, alg) => count('derive', alg))
for (const name of ['scrypt', 'scryptSync'])
  wrap(crypto, name, () => count('derive', 'scrypt-sha256'))
wrap(crypto, 'createCipheriv', (alg) => count('encrypt', alg))
wrap(crypto, 'createDecipheriv', (alg) => count('decrypt', alg))
wrap(crypto, 'sign', (alg, _data, key) => count('sign', `${alg ?? ''} ${keyName(key)}`))
wrap(crypto, 'verify', (alg, _data, key) => count('verify', `${alg ?? ''} ${keyName(key)}`))
for (const name of ['createSign', 'createVerify'])
  wrap(crypto, name, (alg) => count(name.slice(6).toLowerCase(), alg))
for (const name of ['generateKeyPair', 'generateKeyPairSync'])
  wrap(crypto, name, (type, options) => count('generate', options?.namedCurve ?? type))
for (const name of ['publicEncrypt', 'privateDecrypt', 'diffieHellman'])
  wrap(crypto, name, () => count(name, 'key'))
const nameOf = (algorithm) => {
  const { name = algorithm, hash } = Object(algorithm)
  return `${name} ${hash?.name ?? hash ?? ''}`.trim()
}
for (const name of ['digest', 'sign', 'verify', 'encrypt', 'decrypt', 'deriveBits', 'deriveKey'])
  wrap(crypto.webcrypto.subtle.constructor.prototype, name, (alg) =>
    count(name === 'digest' ? 'hash' : name, nameOf(alg)),
  )
syncBuiltinESMExports()
subscribe('zhengqiao:crypto', ({ operation, algorithm }) => count(operation, algorithm))

const flush = () => {
  const rows = [...counts].map(([key, calls]) => [...JSON.parse(key), calls])
  writeFileSync(file, JSON.stringify({ argv: process.argv.slice(1), rows }))
}
process.on('exit', flush)
setInterval(flush, 250).unref()
process.on('SIGTERM', () => {
  flush()
  // Who has no handler of his own would have ended.
  if (process.listenerCount('SIGTERM') === 1) process.exit(143)
})
