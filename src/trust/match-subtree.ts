import { isHostName, isIpAddressText, splitMailbox, uriHost } from './name-syntax.ts'
import type { GeneralName } from './parse-general-name.ts'
import { isWithinName } from './parse-name.ts'

export type SubtreeMatch = 'inside' | 'outside' | 'unsupported'

/**
 * Whether a name lies in a subtree of its own kind (RFC 5280 §4.2.1.10). A wildcard stands for many
 * names: `wholly` asks whether all of them lie inside, `partly` whether any does.
 */
export const matchSubtree = (
  name: GeneralName,
  base: GeneralName,
  extent: 'wholly' | 'partly',
): SubtreeMatch => {
  if ('text' in name && 'text' in base && name.kind === base.kind) {
    return textMatchers[name.kind](name.text, base.text, extent)
  }
  if (name.kind === 'directory' && base.kind === 'directory') {
    return inside(isWithinName(name.name, base.name))
  }
  if (name.kind === 'ip' && base.kind === 'ip') return matchIp(name.octets, base.octets)
  return 'unsupported'
}

const inside = (isInside: boolean): SubtreeMatch => (isInside ? 'inside' : 'outside')

const isAtOrBelow = (host: string, base: string): boolean =>
  base === '' || host === base || host.endsWith(`.${base}`)

const isDnsInside = (name: string, base: string, extent: 'wholly' | 'partly'): boolean => {
  if (!name.startsWith('*.')) return isAtOrBelow(name, base)
  const parent = name.slice(2)
  if (isAtOrBelow(parent, base)) return true
  // `*.b` stands for one label before b: it reaches the subtree of `a.b` and of nothing deeper.
  return extent === 'partly' && base.slice(base.indexOf('.') + 1) === parent && base.includes('.')
}

const matchEmail = (text: string, base: string): SubtreeMatch => {
  const mailbox = splitMailbox(text)
  if (mailbox === undefined) return 'unsupported'
  const host = mailbox.host.toLowerCase()
  const constraint = splitMailbox(base)
  if (constraint !== undefined) {
    return inside(mailbox.local === constraint.local && host === constraint.host.toLowerCase())
  }
  return inside(isHostInDomain(host, base.toLowerCase()))
}

const matchUri = (text: string, base: string): SubtreeMatch => {
  const host = uriHost(text)?.toLowerCase()
  // §4.2.1.10: a URI without authority, or with an address for a host, cannot be judged.
  if (host === undefined || isIpAddressText(host) || !isHostName(host)) return 'unsupported'
  return inside(isHostInDomain(host, base.toLowerCase()))
}

/** `host` is exact, `.domain` is everything below it, the empty constraint is everything. */
const isHostInDomain = (host: string, base: string): boolean =>
  base === '' || (base.startsWith('.') ? host.endsWith(base) : host === base)

const matchIp = (address: Uint8Array, range: Uint8Array): SubtreeMatch => {
  if (range.length !== 8 && range.length !== 32) return 'unsupported'
  if (address.length * 2 !== range.length) return 'outside'
  const mask = range.subarray(address.length)
  return inside(address.every((octet, i) => ((octet ^ (range[i] ?? 0)) & (mask[i] ?? 0)) === 0))
}

const textMatchers = {
  dns: (text: string, base: string, extent: 'wholly' | 'partly'): SubtreeMatch =>
    inside(isDnsInside(text.toLowerCase(), base.toLowerCase(), extent)),
  email: matchEmail,
  uri: matchUri,
} as const
