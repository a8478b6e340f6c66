import { GatewayError } from '../contract/error.ts'
import type { ReceiptNo } from '../contract/ids.ts'
import { type JsonValue } from '../crypto/json-value.ts'
import { parseJson } from '../crypto/parse-json.ts'
import type { DataKeys } from '../store/data-keys.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { listEvents, type EventFilter, type EventPlace, type LedgerDb } from './ledger-store.ts'
import { openEvent } from './prepare-filing.ts'

type Deps = { readonly db: LedgerDb; readonly keys: Pick<DataKeys, 'open'> }

export type FoundEvent = {
  readonly no: ReceiptNo
  /** Log and place in it. */
  readonly origin: string
  readonly index: number
  readonly event: JsonValue
}

export type EventPage = {
  readonly events: readonly FoundEvent[]
  readonly nextCursor: string | undefined
}

/**
 * Events that fit the filter, opened, newest first.
 * @throws GatewayError bad_cursor
 */
export const searchEvents = async (
  deps: Deps,
  filter: EventFilter,
  page: { readonly limit: number; readonly cursor: string | undefined },
): Promise<EventPage> => {
  const after = page.cursor === undefined ? undefined : placeOf(page.cursor)
  const rows = await listEvents(deps.db, filter, { limit: page.limit + 1, after })
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    events: shown.map((row) => ({
      no: row.no,
      origin: row.origin,
      index: row.position,
      event: parseJson(openEvent(row.sealed, row.no, deps.keys).event),
    })),
    nextCursor: last && rows.length > shown.length ? cursorOf(last) : undefined,
  }
}

const cursorOf = ({ at, nodeId, position }: EventPlace): string =>
  writeCursor([at.getTime(), nodeId, position])

const placeOf = (cursor: string): EventPlace => {
  const [atMs, nodeId, position, ...rest] = readCursor(cursor)
  const isPlace =
    typeof atMs === 'number' &&
    Math.abs(atMs) < 8.64e15 &&
    typeof nodeId === 'number' &&
    Math.abs(nodeId) < 32_768 &&
    typeof position === 'number'
  if (!isPlace || rest.length > 0) throw new GatewayError('bad_cursor')
  return { at: new Date(atMs), nodeId, position }
}
