import type { NameConstraints, Subtree } from './decode-certificate-extensions.ts'
import { isHostName, splitMailbox } from './name-syntax.ts'
import type { ParsedCertificate } from './parse-certificate.ts'
import type { GeneralName } from './parse-general-name.ts'
import type { ProfileFault } from './path-finding.ts'

/** RFC 5280 §4.2.1.10: where name constraints may stand and what they may hold. */
export const judgeConstraintsForm = ({ decoded }: ParsedCertificate): readonly ProfileFault[] => {
  const { nameConstraints, basicConstraints } = decoded.values
  if (nameConstraints === undefined) return []
  const isMisplaced = basicConstraints?.ca !== true
  return [
    ...(isMisplaced ? [{ code: 'name_constraints_misplaced' } as const] : []),
    ...(isWellFormed(nameConstraints) ? [] : [{ code: 'name_constraints_malformed' } as const]),
  ]
}

const isWellFormed = ({ permitted, excluded }: NameConstraints): boolean => {
  const lists = [permitted, excluded].filter((list) => list !== undefined)
  return (
    lists.length > 0 && lists.every((list) => list.length > 0 && list.every(isWellFormedSubtree))
  )
}

const isWellFormedSubtree = ({ base, plain }: Subtree): boolean => plain && isWellFormedBase(base)

const isWellFormedBase = (base: GeneralName): boolean => {
  if ('text' in base) return textRules[base.kind](base.text)
  return base.kind !== 'ip' || isAddressRange(base.octets)
}

const isHostOrDomain = (text: string): boolean =>
  text === '' || isHostName(text.startsWith('.') ? text.slice(1) : text)

/** Address and mask of IPv4 or IPv6; the mask is a prefix (RFC 4632). */
const isAddressRange = (octets: Uint8Array): boolean => {
  if (octets.length !== 8 && octets.length !== 32) return false
  const mask = octets.subarray(octets.length / 2)
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits)
}

const textRules = {
  // An empty constraint stands for every name; a leading dot belongs to URIs and mail only.
  dns: (text: string): boolean => text === '' || isHostName(text),
  uri: isHostOrDomain,
  email: (text: string): boolean => isHostOrDomain(text) || splitMailbox(text) !== undefined,
} as const
