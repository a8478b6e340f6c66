import { isIPv4, isIPv6 } from 'node:net'
import { isHostName, splitMailbox } from './name-syntax.ts'
import type { GeneralName } from './parse-general-name.ts'
import type { PeerName } from './path-policy.ts'

/** Whether one of the alternative names is the wanted one (RFC 9525: no fall-back to commonName). */
export const bearsPeerName = (names: readonly GeneralName[], wanted: PeerName): boolean =>
  names.some((name) => {
    if (name.kind !== wanted.kind) return false
    if (name.kind === 'ip') return isSameAddress(name.octets, wanted.value)
    return 'text' in name && textMatchers[name.kind](name.text, wanted.value)
  })

/** A wildcard is the whole leftmost label and stands for one label, above at least two others. */
const matchesDns = (presented: string, wanted: string): boolean => {
  const name = presented.toLowerCase()
  const host = wanted.toLowerCase()
  if (!isHostName(host) || host.startsWith('*')) return false
  if (!name.startsWith('*.')) return name === host
  const parent = name.slice(2)
  const dot = host.indexOf('.')
  return parent.includes('.') && isHostName(parent) && dot > 0 && host.slice(dot + 1) === parent
}

const matchesEmail = (presented: string, wanted: string): boolean => {
  const a = splitMailbox(presented)
  const b = splitMailbox(wanted)
  return (
    a !== undefined &&
    b !== undefined &&
    a.local === b.local &&
    a.host.toLowerCase() === b.host.toLowerCase()
  )
}

const textMatchers = {
  dns: matchesDns,
  email: matchesEmail,
  uri: (presented: string, wanted: string): boolean => presented === wanted,
} as const

const isSameAddress = (octets: Uint8Array, wanted: string): boolean => {
  const address = addressOctets(wanted)
  return address !== undefined && Buffer.compare(address, octets) === 0
}

/** Octets of an IPv4 or IPv6 address text. */
const addressOctets = (text: string): Uint8Array | undefined => {
  if (isIPv4(text)) return Uint8Array.from(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [head = '', tail] = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, ipv4AsGroups).split('::')
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const filled = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Uint8Array.from(filled.flatMap((group) => [group >> 8, group & 0xff]))
}

const groups = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))

const ipv4AsGroups = (_: string, a: string, b: string, c: string, d: string): string =>
  `${((Number(a) << 8) | Number(b)).toString(16)}:${((Number(c) << 8) | Number(d)).toString(16)}`
