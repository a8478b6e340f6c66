/**
 * Nonces that this process has seen lately. It only spares the ledger the obvious repeats: what decides
 * is the row that is committed with the event. So it may forget, and is bounded.
 */
export type NonceScreen = {
  /** False when the client has used the nonce before, as far as is remembered. */
  readonly admit: (clientId: string, nonce: string, nowMs: number) => boolean
  /** Whether it would say false for certain; remembers nothing. */
  readonly has: (clientId: string, nonce: string) => boolean
}

/** Remembers each nonce for `keptMs` at least, unless more than `entriesMax` come in that time. */
export const createNonceScreen = (keptMs: number, entriesMax = 200_000): NonceScreen => {
  let current = new Set<string>()
  let previous = new Set<string>()
  let turnedAtMs = 0
  const has = (key: string): boolean => current.has(key) || previous.has(key)
  return {
    has: (clientId, nonce) => has(keyOf(clientId, nonce)),
    admit: (clientId, nonce, nowMs) => {
      if (current.size >= entriesMax || Math.abs(nowMs - turnedAtMs) >= keptMs) {
        previous = current
        current = new Set()
        turnedAtMs = nowMs
      }
      const key = keyOf(clientId, nonce)
      if (has(key)) return false
      current.add(key)
      return true
    },
  }
}

const keyOf = (clientId: string, nonce: string): string => `${clientId} ${nonce}`
