export type Gate = { readonly enter: () => Promise<void>; readonly leave: () => void }

const gates = new WeakMap<object, Gate>()

/** The gate of a database whose transactions are limited. */
export const transactionGate = (db: object): Gate | undefined => gates.get(db)

/**
 * Keeps some connections out of transactions. Work inside one also reads over other connections: with
 * all of them in transactions, each would wait for the others.
 */
export const limitTransactions = (db: object, connectionsMax: number): void => {
  let free = connectionsMax - Math.max(1, Math.ceil(connectionsMax / 4))
  const waiting: (() => void)[] = []
  gates.set(db, {
    enter: async () => {
      if (free > 0) free -= 1
      else
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
        })
    },
    leave: () => {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    },
  })
}
