/**
 * Keeps what was found, for rows that never change once they are there; what was not found is asked for
 * again. Starts anew when there are more than `entriesMax`.
 */
export const rememberFound = <Found>(
  find: (key: string) => Promise<Found | undefined>,
  entriesMax = 10_000,
): ((key: string) => Promise<Found | undefined>) => {
  const known = new Map<string, Found>()
  return async (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = await find(key)
    if (found === undefined) return undefined
    if (known.size >= entriesMax) known.clear()
    known.set(key, found)
    return found
  }
}
