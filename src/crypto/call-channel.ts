import { channel } from 'node:diagnostics_channel'

export type CryptoCall = {
  readonly operation: 'sign' | 'verify' | 'encrypt' | 'decrypt'
  readonly algorithm: 'SM2-SM3' | 'SM4-GCM'
}

/** Calls that node:crypto does not see because WebAssembly answers them, for whoever counts them. */
const calls = channel('zhengqiao:crypto')

/** Costs nothing unless somebody subscribes to `zhengqiao:crypto`. */
export const tellCall = (
  operation: CryptoCall['operation'],
  algorithm: CryptoCall['algorithm'],
): void => {
  if (calls.hasSubscribers) calls.publish({ operation, algorithm } satisfies CryptoCall)
}
