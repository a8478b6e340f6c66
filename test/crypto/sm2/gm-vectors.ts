import { readFileSync } from 'node:fs'

export const readVector = (path: string): Buffer =>
  readFileSync(new URL(`../../vectors/gm/${path}`, import.meta.url))

const json = (path: string): unknown => JSON.parse(readVector(path).toString('utf8'))

export type SignatureCase = {
  tc: number
  key: number
  id: string
  msgHex: string
  signature: string
  result: 'valid' | 'invalid'
  why: string
}

export type Vectors = {
  sm3: { source: string; msgText?: string; msgHex?: string; digest: string }[]
  sm4: {
    source: string
    mode: 'ecb' | 'cbc' | 'ctr' | 'gcm' | 'ccm'
    iterations?: number
    key: string
    iv?: string
    nonce?: string
    aad?: string
    pt: string
    ct: string
    tag?: string
    result?: 'invalid'
  }[]
  sm2Standard: Record<'id' | 'msgText' | 'd' | 'x' | 'y' | 'z' | 'e' | 'k' | 'r' | 's', string>
}

export type CertificateVectors = {
  links: { issuer: string; cert: string; signature: 'valid' | 'invalid' }[]
  selfSigned: { cert: string; signatureDefaultId: boolean; signatureEmptyId: boolean }[]
}

export type CmsCase = {
  file: string
  what: string
  signature: 'valid' | 'invalid'
  signer: string
  content: string | null
}

export const vectors = json('vectors.json') as Vectors
export const signatures = json('sm2-signatures.json') as {
  keys: { n: number; public: string; private: string }[]
  cases: SignatureCase[]
}
export const certificates = json('certs.json') as CertificateVectors
export const cmsCases = (json('cms.json') as { cases: CmsCase[] }).cases

export const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** The DER inside one PEM block. */
export const derOf = (pem: string): Buffer =>
  Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
