import iconv from 'iconv-lite'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { departments } from '../../adapters/departments.ts'
import { type SimulatedHallId, startSimulatedHall } from '../../adapters/simulated-halls.ts'
import type { FindOutcome, HallHolder } from '../../src/halls/adapter.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { clock, context, people, query, random, setupFor, subjects } from './harness.ts'
import { startHostileProxy, type Twist } from './hostile-proxy.ts'

/** One XML hall behind a man in the middle; what it is asked for, the element that echoes the request. */
const openHall = async (hallId: SimulatedHallId, typeCode: string, encoding: string) => {
  const secret = `secret-of-${hallId}-0123456789`
  const hall = await startSimulatedHall(hallId, { subjects, clock, random, secret })
  const proxy = await startHostileProxy(hall.simulator.url)
  const { department, settings } = hallSpecSchema.parse(hall.row)
  const open = departments.get(department)
  if (open === undefined) throw new Error('no adapter')
  const adapter = await open(setupFor(hallId, { ...settings, baseUrl: proxy.url }, hall.secrets))
  const ask = async (
    twist?: Twist,
    holder: HallHolder = people.allPresent,
  ): Promise<FindOutcome> => {
    proxy.twist = (body, asked) => (isToken(asked.body) ? undefined : twist?.(body, asked))
    return adapter.find(query(typeCode, holder), context())
  }
  return {
    ask,
    /** Changes the answer as text of the hall's own encoding. */
    twisted: (change: (text: string) => string) =>
      ask((body) => iconv.encode(change(iconv.decode(body, encoding)), encoding)),
    settle: () => {
      proxy.twist = undefined
    },
    close: async () => {
      await adapter.close()
      proxy.close()
      await hall.simulator.close()
    },
  }
}
const isToken = (body: Buffer): boolean => body.includes('GET-TOKEN')

const halls = [
  {
    hallId: 'police-exit-entry',
    echo: 'MessageSequence',
    hall: await openHall('police-exit-entry', '113702990037000297016', 'utf8'),
  },
  {
    hallId: 'housing-fund',
    echo: 'iseqno',
    hall: await openHall('housing-fund', '11370299003700061J011', 'gbk'),
  },
] as const
afterEach(() => {
  for (const { hall } of halls) hall.settle()
})
afterAll(() => Promise.all(halls.map(({ hall }) => hall.close())))

const withType =
  (type: string, entity = '测试齐全') =>
  (text: string): string =>
    text.replace('?>', `?>${type}`).replace('测试齐全', entity)

describe.each(halls)('XML of $hallId', ({ hall, echo }) => {
  it.each<[string, (text: string) => string, string]>([
    [
      'an external entity',
      withType('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '&x;'),
      'xml_document_type',
    ],
    [
      'a parameter entity',
      withType('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]>'),
      'xml_document_type',
    ],
    [
      'a billion laughs',
      withType('<!DOCTYPE a [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>', '&b;'),
      'xml_document_type',
    ],
    ['an entity of its own', (text) => text.replace('测试齐全', '&x;'), 'xml_entity'],
    ['a character that XML has not', (text) => text.replace('测试齐全', '&#0;'), 'xml_entity'],
    [
      'a million elements',
      (text) => text.replace(/<\/[\w:]+>\s*$/, `${'<z/>'.repeat(450_000)}$&`),
      'xml_too_large',
    ],
  ])('%s is malformed', async (_, change, cause) => {
    const outcome = await hall.twisted(change)
    expect(outcome).toMatchObject({ state: 'failed', kind: 'malformed', cause })
  })
  it('passes as it is', async () => {
    expect(await hall.twisted((text) => text)).toMatchObject({ state: 'found' })
  })
  it('in another encoding than the protocol’s is malformed', async () => {
    const outcome = await hall.ask((body) => iconv.encode(iconv.decode(body, 'utf8'), 'utf-16'))
    expect(outcome).toMatchObject({ state: 'failed', kind: 'malformed' })
  })
  it('takes no other request’s answer, neither a paper nor an absence', async () => {
    const replay: { body?: Buffer } = {}
    const keep: Twist = (body) => {
      replay.body = body
      return undefined
    }
    for (const holder of [people.nothing, people.misnamed, people.allPresent]) {
      await hall.ask(keep, holder)
      const { body } = replay
      expect(body?.includes(echo)).toBe(true)
      const outcome = await hall.ask(() => body)
      expect(outcome).toMatchObject({ kind: 'malformed', cause: 'answer_for_another_request' })
    }
  })
})
