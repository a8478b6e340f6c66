import type { GeneralName } from './parse-general-name.ts'

/** True for a name that RFC 5280 §4.2.1.6 lets a subjectAltName hold. */
export const isWellFormedName = (name: GeneralName): boolean => {
  if (name.kind === 'directory') return name.name.rdns.length > 0
  if (name.kind === 'ip') return name.octets.length === 4 || name.octets.length === 16
  return 'text' in name ? textRules[name.kind](name.text) : true
}

/** Preferred name syntax of RFC 1034 §3.5 as modified by RFC 1123 §2.1, without a trailing dot. */
export const isHostName = (text: string): boolean =>
  text.length > 0 &&
  text.length <= 253 &&
  text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))

export type Mailbox = { readonly local: string; readonly host: string }

/** Splits an RFC 2821 Mailbox at its last `@`; undefined where it is none. */
export const splitMailbox = (text: string): Mailbox | undefined => {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, Math.max(at, 0))
  const host = text.slice(at + 1)
  return at > 0 && isLocalPart(local) && isMailHost(host) ? { local, host } : undefined
}

/** Host of a URI with an authority, undefined where it has none (`urn:`). */
export const uriHost = (text: string): string | undefined => {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1]
  if (authority === undefined) return undefined
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1)
  return hostAndPort.startsWith('[') ? hostAndPort : hostAndPort.replace(/:\d*$/, '')
}

export const isIpAddressText = (host: string): boolean =>
  host.startsWith('[') || /^\d+(\.\d+){3}$/.test(host)

const isMailbox = (text: string): boolean => splitMailbox(text) !== undefined

const isLocalPart = (local: string): boolean =>
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i.test(local) ||
  /^"([^"\\]|\\.)*"$/.test(local)

const isMailHost = (host: string): boolean => isHostName(host) || /^\[[0-9a-z.:]+\]$/i.test(host)

const isAbsoluteUri = (text: string): boolean => {
  if (!/^[a-z][a-z0-9+.-]*:[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/i.test(text)) {
    return false
  }
  const host = uriHost(text)
  return host === undefined || isHostName(host) || isIpAddressText(host)
}

const textRules = {
  dns: (text: string): boolean => isHostName(text.startsWith('*.') ? text.slice(2) : text),
  email: isMailbox,
  uri: isAbsoluteUri,
} as const
