import type { ParsedCertificate } from '../trust/parse-certificate.ts'

/** Who holds a department's signing key. */
export type KeyCustody = 'department' | 'gateway'

/** Certificate policies by which our CA says it; docs/decisions tells how the arc was made. */
export const custodyPolicies: Readonly<Record<KeyCustody, string>> = {
  department: '2.25.273829461830174659482016374829103746.3',
  gateway: '2.25.273829461830174659482016374829103746.4',
}

/** What the certificate says; undefined when it says nothing. Both at once count as the gateway. */
export const keyCustodyOf = ({ decoded }: ParsedCertificate): KeyCustody | undefined => {
  const policies = (decoded.values.certificatePolicies ?? []).map(({ id }) => id)
  if (policies.includes(custodyPolicies.gateway)) return 'gateway'
  return policies.includes(custodyPolicies.department) ? 'department' : undefined
}
