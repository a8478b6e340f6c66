/** How many requests are under way, in all and by client; in this process only. */
export type InFlight = {
  readonly count: () => number
  readonly countOf: (clientId: string) => number
  readonly enter: () => void
  readonly leave: () => void
  readonly enterAs: (clientId: string) => void
  readonly leaveAs: (clientId: string) => void
}

export const createInFlight = (): InFlight => {
  let all = 0
  const byClient = new Map<string, number>()
  return {
    count: () => all,
    countOf: (clientId) => byClient.get(clientId) ?? 0,
    enter: () => {
      all++
    },
    leave: () => {
      all--
    },
    enterAs: (clientId) => {
      byClient.set(clientId, (byClient.get(clientId) ?? 0) + 1)
    },
    leaveAs: (clientId) => {
      const left = (byClient.get(clientId) ?? 0) - 1
      if (left > 0) byClient.set(clientId, left)
      else byClient.delete(clientId)
    },
  }
}
