import { tryParseCertificate } from '../trust/certificate-source.ts'

/** Which world a key belongs to: what the city does, or trying it out. They never mix. */
export type Environment = 'live' | 'sandbox'

const prefixes: Readonly<Record<Environment, string>> = {
  live: 'urn:zhengqiao:client:',
  sandbox: 'urn:zhengqiao:sandbox:client:',
}

/** The name that a client's certificate carries (subjectAltName, URI). */
export const clientUri = (environment: Environment, clientId: string): string =>
  prefixes[environment] + clientId

/** What a client's certificate (DER) says; undefined when it says neither, or both. */
export const environmentOf = (certificate: Uint8Array): Environment | undefined => {
  const names = tryParseCertificate(certificate)?.decoded.values.subjectAltName ?? []
  const uris = names.flatMap((name) => (name.kind === 'uri' ? [name.text] : []))
  const isOf = (environment: Environment): boolean =>
    uris.some((uri) => uri.startsWith(prefixes[environment]))
  if (isOf('live') === isOf('sandbox')) return undefined
  return isOf('live') ? 'live' : 'sandbox'
}
