import {
  askSource,
  encodePaper,
  garbleRecords,
  loadSimulatedCity,
  parseHallJson,
  flatFields,
  isRecord,
  sameName,
  startHttpSimulator,
  type Mood,
  type SimulatedAnswer,
  type SimulatedCity,
  type SimulatedPaper,
  type SimulatedSubject,
  type Simulator,
} from '../../src/halls/adapter.ts'
import { tables } from './tables.ts'

export type TemplateOptions = {
  readonly hallId: string
  readonly subjects: readonly SimulatedSubject[]
  readonly rows?: readonly SimulatedPaper[]
  readonly apiKey: string
}

/** The department's server on loopback, as far as the template's shape goes. */
export const startTemplateSimulator = async (options: TemplateOptions): Promise<Simulator> => {
  const city = loadSimulatedCity(options.hallId, options.subjects, options.rows)
  return startHttpSimulator({
    city,
    answersLater: false,
    rotate: () => undefined,
    receive: ({ path, headers, body }) => {
      const parsed = parseHallJson(body)
      const question = parsed.ok && isRecord(parsed.value) ? flatFields(parsed.value) : {}
      if (headers['x-api-key'] !== options.apiKey)
        return { operation: 'refused', answer: () => ({ ...reply({}), status: 401 }) }
      if (path === '/health')
        return { operation: 'health', answer: (mood) => inMood(mood, { code: 'ok' }) }
      const { id = '' } = question
      return {
        operation: 'find',
        holderId: id,
        answer: (mood) => inMood(mood, answer(city, question, mood)),
      }
    },
  })
}

const reply = (body: unknown): SimulatedAnswer => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
})

const inMood = (mood: Mood, body: unknown): SimulatedAnswer => {
  if (mood.act === 'refuse') return { ...reply({ code: 'busy' }), status: mood.status }
  if (mood.act === 'maintenance') return reply({ code: 'maintenance' })
  if (mood.act === 'garble' && mood.form === 'failure_inside') return reply({ code: 'error' })
  return reply(body)
}

const codes = { sealed: 'sealed', absent: 'none', name_differs: 'name' } as const

const answer = (
  city: SimulatedCity,
  { type = '', id = '', name = '', sequence }: Readonly<Record<string, string>>,
  mood: Mood,
): unknown => {
  const table = tables.get(type)
  const source = askSource(city, { id, name }, type, sameName)
  if (source.verdict !== 'held' || table === undefined)
    return { code: source.verdict === 'held' ? 'error' : codes[source.verdict] }
  const form = mood.act === 'garble' ? mood.form : ''
  const records = source.papers.map((paper) => ({
    ...encodePaper(paper, table),
    ...(form === 'other_holder' ? { holderId: '370299190001019991' } : {}),
  }))
  return { code: 'ok', sequence, rows: garbleRecords(form, records, table.head) }
}
