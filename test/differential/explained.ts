/** Who accepts what the other refuses, and why; docs/differential-openssl.md tells it in full. */
export const explained: Readonly<
  Record<string, { readonly accepts: 'we' | 'openssl'; readonly why: string } | undefined>
> = {
  leaf_serial_zero: { accepts: 'openssl', why: 'RFC 5280 §4.1.2.2: positive' },
  leaf_serial_negative: { accepts: 'openssl', why: 'RFC 5280 §4.1.2.2: positive' },
  leaf_serial_long: { accepts: 'openssl', why: 'RFC 5280 §4.1.2.2: at most 20 octets' },
  leaf_malformed_name: { accepts: 'openssl', why: 'RFC 5280 §4.2.1.6: preferred name syntax' },
  leaf_name_constraints: { accepts: 'openssl', why: 'RFC 5280 §4.2.1.10: CA certificates only' },
  sub_empty_name_constraints: { accepts: 'openssl', why: 'RFC 5280 §4.2.1.10: not empty' },
  sub_malformed_name_constraints: { accepts: 'openssl', why: 'RFC 5280 §4.2.1.10: no wildcard' },
  sub_maps_any: { accepts: 'openssl', why: 'RFC 5280 §6.1.4 (a), where no policy is required' },
  sub_policy_constraints_not_critical: { accepts: 'openssl', why: 'RFC 5280 §4.2.1.11: critical' },
  wildcard_over_excluded: { accepts: 'openssl', why: 'a wildcard reaches the excluded name' },
}
