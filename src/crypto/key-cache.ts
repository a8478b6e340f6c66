import { createPublicKey, type KeyObject } from 'node:crypto'

/** What a public key can be used for, read once from its SubjectPublicKeyInfo. */
export type PublicKey = {
  readonly key: KeyObject
  readonly kind: 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA' | 'RSA-PSS' | 'other'
  /** Modulus length of RSA keys, else 0. */
  readonly modulusBits: number
}

/** Public keys by their DER bytes; importing one costs about as much as a signature check. */
export type KeyCache = {
  /** Undefined for bytes that are no SubjectPublicKeyInfo that OpenSSL reads. */
  readonly read: (spki: Uint8Array) => PublicKey | undefined
}

/** Keeps the `entriesMax` keys that were used last. */
export const createKeyCache = (entriesMax = 1024): KeyCache => {
  const keys = new Map<string, PublicKey>()
  const remember = (name: string, key: PublicKey): PublicKey => {
    keys.delete(name)
    keys.set(name, key)
    const oldest = keys.keys().next()
    if (keys.size > entriesMax && oldest.done !== true) keys.delete(oldest.value)
    return key
  }
  return {
    read: (spki) => {
      const name = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength).toString('latin1')
      const key = keys.get(name) ?? readPublicKey(spki)
      return key === undefined ? undefined : remember(name, key)
    },
  }
}

/** Reads a DER SubjectPublicKeyInfo; undefined when OpenSSL cannot. */
export const readPublicKey = (spki: Uint8Array): PublicKey | undefined => {
  try {
    return describeKey(createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }))
  } catch {
    return undefined
  }
}

const describeKey = (key: KeyObject): PublicKey => ({
  key,
  kind: kindOf(key),
  modulusBits: key.asymmetricKeyDetails?.modulusLength ?? 0,
})

const kindOf = (key: KeyObject): PublicKey['kind'] => {
  if (key.asymmetricKeyType === 'ec') return curveOf(key.asymmetricKeyDetails?.namedCurve)
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519'
  if (key.asymmetricKeyType === 'rsa') return 'RSA'
  return key.asymmetricKeyType === 'rsa-pss' ? 'RSA-PSS' : 'other'
}

const curveOf = (name: string | undefined): PublicKey['kind'] => {
  if (name === 'prime256v1') return 'P-256'
  if (name === 'secp384r1') return 'P-384'
  return name === 'secp521r1' ? 'P-521' : 'other'
}
