import type { Question } from '../../wiring/siblings.ts'
import type { ToWorker } from './worker-message.ts'

/** Less than a probe of /readyz waits. */
const patienceMs = 1500

/** Somebody to talk to: a worker that takes connections. */
export type Member = { readonly send: (message: ToWorker) => void }

export type Questions = {
  /** Puts the question to the members, and gives `asker` their answers when all are in, or time is up. */
  readonly put: (
    asker: Member,
    asked: { readonly id: number; readonly question: Question },
    members: readonly Member[],
  ) => void
  readonly answered: (from: Member, id: number, answer: unknown) => void
  /** Nobody waits for an answer of a member that is gone. */
  readonly left: (member: Member) => void
}

type Open = {
  readonly answers: Map<Member, unknown>
  readonly finish: () => void
}

/** The first process's side: it understands neither questions nor answers. */
export const createQuestions = (): Questions => {
  const open = new Map<number, Open>()
  let next = 0
  return {
    put: (asker, { id: askersId, question }, members) => {
      const id = (next += 1)
      const answers = new Map<Member, unknown>(members.map((member) => [member, undefined]))
      const finish = (): void => {
        clearTimeout(timer)
        open.delete(id)
        asker.send({ kind: 'answers', id: askersId, answers: [...answers.values()] })
      }
      const timer = setTimeout(finish, patienceMs)
      open.set(id, { answers, finish })
      for (const member of members) member.send({ kind: 'question', id, question })
      if (members.length === 0) finish()
    },
    answered: (from, id, answer) => {
      const asked = open.get(id)
      if (asked?.answers.has(from) !== true) return
      asked.answers.set(from, answer)
      finishWhenComplete(asked)
    },
    left: (member) => {
      for (const asked of open.values()) if (asked.answers.delete(member)) finishWhenComplete(asked)
    },
  }
}

const finishWhenComplete = ({ answers, finish }: Open): void => {
  if ([...answers.values()].every((given) => given !== undefined)) finish()
}
