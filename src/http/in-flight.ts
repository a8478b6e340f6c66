/** How many of something are under way, in all and by name; in this process only. */
export type InFlight = {
  readonly count: () => number
  readonly countOf: (name: string) => number
  readonly enter: (name: string) => void
  readonly leave: (name: string) => void
}

export const createInFlight = (): InFlight => {
  let all = 0
  const byName = new Map<string, number>()
  return {
    count: () => all,
    countOf: (name) => byName.get(name) ?? 0,
    enter: (name) => {
      all++
      byName.set(name, (byName.get(name) ?? 0) + 1)
    },
    leave: (name) => {
      all--
      const left = (byName.get(name) ?? 0) - 1
      if (left > 0) byName.set(name, left)
      else byName.delete(name)
    },
  }
}
