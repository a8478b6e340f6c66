/** Values by text key, as one revision of the registry has them. */
export type RevisionCache<Value> = {
  /** At once when the value is known, else when `load` has answered; loads of one key are shared. */
  readonly get: (key: string) => Value | Promise<Value>
  /** Forgets everything; what is being loaded is still answered, and not kept. */
  readonly clear: () => void
}

/** Keeps at most `entriesMax` values and starts anew when they become more. */
export const createRevisionCache = <Value>(
  load: (key: string) => Promise<Value>,
  entriesMax: number,
): RevisionCache<Value> => {
  let known = new Map<string, { readonly value: Value }>()
  let loading = new Map<string, Promise<Value>>()
  const fetchOnce = (key: string): Promise<Value> => {
    const [knownThen, loadingThen] = [known, loading]
    const started = load(key)
      .then((value) => {
        if (knownThen.size >= entriesMax) knownThen.clear()
        knownThen.set(key, { value })
        return value
      })
      .finally(() => loadingThen.delete(key))
    loadingThen.set(key, started)
    return started
  }
  return {
    get: (key) => {
      const entry = known.get(key)
      return entry === undefined ? (loading.get(key) ?? fetchOnce(key)) : entry.value
    },
    clear: () => {
      known = new Map()
      loading = new Map()
    },
  }
}
