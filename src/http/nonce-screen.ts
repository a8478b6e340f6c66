/**
 * Nonces that this process has seen lately. It only spares the ledger the obvious repeats: what decides
 * is the row that is committed with the event. So it may forget, and is bounded.
 */
export type NonceScreen = {
  /** False when the client has used the nonce before, as far as is remembered. */
  readonly admit: (clientId: string, nonce: string, nowMs: number) => boolean
}

/** Remembers each nonce for `keptMs` at least, unless more than `entriesMax` come in that time. */
export const createNonceScreen = (keptMs: number, entriesMax = 200_000): NonceScreen => {
  let current = new Set<string>()
  let previous = new Set<string>()
  let turnedAtMs = 0
  return {
    admit: (clientId, nonce, nowMs) => {
      if (current.size >= entriesMax || Math.abs(nowMs - turnedAtMs) >= keptMs) {
        previous = current
        current = new Set()
        turnedAtMs = nowMs
      }
      const key = `${clientId} ${nonce}`
      if (current.has(key) || previous.has(key)) return false
      current.add(key)
      return true
    },
  }
}
