/** The word that differs in the fewest letters from a mistyped one; undefined when none is near. */
export const nearestWord = (given: string, words: readonly string[]): string | undefined => {
  const ranked = words
    .map((word) => ({ word, distance: editDistance(given, word) }))
    .sort((one, other) => one.distance - other.distance)
  const [best] = ranked
  const distanceMax = Math.max(2, Math.floor(given.length / 3))
  return best === undefined || best.distance > distanceMax ? undefined : best.word
}

/** Levenshtein. */
const editDistance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of Array.from(one).entries()) {
    const next = [at + 1]
    for (let place = 1; place <= other.length; place += 1) {
      const replaced = (row[place - 1] ?? 0) + (letter === other[place - 1] ? 0 : 1)
      next.push(Math.min((row[place] ?? 0) + 1, (next[place - 1] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[other.length] ?? 0
}
