import type { Question, Siblings } from '../../wiring/siblings.ts'
import type { FromWorker, ToWorker } from './worker-message.ts'

type Channel = {
  readonly siblings: Siblings
  /** Hands on what the first process says. */
  readonly receive: (message: ToWorker) => void
}

/** A worker's side of the questions that processes ask each other by way of the first one. */
export const openSiblings = (send: (message: FromWorker) => void): Channel => {
  const waiting = new Map<number, (answers: readonly unknown[]) => void>()
  let answers: Readonly<Record<Question, () => Promise<unknown>>> | undefined
  let next = 0
  return {
    siblings: {
      ask: (question) =>
        new Promise((resolve) => {
          const id = (next += 1)
          waiting.set(id, resolve)
          send({ kind: 'ask', id, question })
        }),
      answerWith: (given) => {
        answers = given
      },
    },
    receive: (message) => {
      if (message.kind === 'answers') {
        waiting.get(message.id)?.(message.answers)
        waiting.delete(message.id)
      }
      if (message.kind !== 'question') return
      const { id, question } = message
      // Whoever cannot answer stays silent; the others see that it did.
      answers?.[question]().then(
        (answer) => {
          send({ kind: 'answer', id, answer })
        },
        () => undefined,
      )
    },
  }
}
