import { newReceiptNo } from '../ledger/receipt-no.ts'
import { makeEvent } from '../ledger/event.ts'
import type { Clock } from '../contract/clock.ts'
import type { RandomBytes } from '../contract/uuid.ts'
import type { EvidenceLedger } from './pipeline-deps.ts'

export type RefusalCount = {
  readonly code: string
  readonly count: number
  readonly first: Date
  readonly last: Date
}

/** Counts refusals by reason until somebody takes them. */
export type RefusalTally = {
  readonly count: (code: string, now: Date) => void
  /** The counts so far, beginning anew. */
  readonly take: () => readonly RefusalCount[]
  /** Gives counts back that could not be filed. */
  readonly restore: (counts: readonly RefusalCount[]) => void
}

export const createRefusalTally = (): RefusalTally => {
  let counts = new Map<string, RefusalCount>()
  const add = ({ code, count, first, last }: RefusalCount): void => {
    const known = counts.get(code)
    counts.set(code, {
      code,
      count: (known?.count ?? 0) + count,
      first: known === undefined || first < known.first ? first : known.first,
      last: known === undefined || last > known.last ? last : known.last,
    })
  }
  return {
    count: (code, now) => {
      add({ code, count: 1, first: now, last: now })
    },
    take: () => {
      const taken = [...counts.values()]
      counts = new Map()
      return taken
    },
    restore: (given) => {
      for (const count of given) add(count)
    },
  }
}

/**
 * Files one event for each reason for which unsigned requests were refused; main runs it every minute
 * and before it stops. Counts that cannot be filed wait for the next time.
 */
export const fileRefusalSummaries = async (
  deps: {
    readonly ledger: Pick<EvidenceLedger, 'file'>
    readonly clock: Clock
    readonly randomBytes: RandomBytes
  },
  tally: RefusalTally,
): Promise<void> => {
  const counts = tally.take()
  const filed = await Promise.allSettled(
    counts.map((count) => deps.ledger.file(summary(deps, count))),
  )
  tally.restore(counts.filter((_count, at) => filed[at]?.status === 'rejected'))
}

const summary = (
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
  { code, count, first, last }: RefusalCount,
) => {
  const no = newReceiptNo(randomBytes)
  const detail = { reason: code, count, from: first.toISOString(), to: last.toISOString() }
  const deed = { action: 'requests.refused', decision: 'denied', detail } as const
  return { no, ...makeEvent({ no, now: clock.now(), cityDate: clock.cityDate(), deed }) }
}
