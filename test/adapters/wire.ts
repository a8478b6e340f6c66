import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import iconv from 'iconv-lite'
import { departments } from '../../adapters/departments.ts'
import { startSimulatedHall, type SimulatedHallId } from '../../adapters/simulated-halls.ts'
import { openExchange } from '../../src/halls/exchange.ts'
import { hallSpecSchema } from '../../src/halls/hall-spec.ts'
import { makeSecret } from '../../src/halls/secret.ts'
import { emptyDatabaseUrl } from '../support/database.ts'
import { context, people, subjects } from './harness.ts'

type Side = { readonly from: 'gateway' | 'hall'; readonly bytes: Buffer }

/** A relay that keeps every byte of both directions, in the order in which they passed. */
const startRecorder = async (port: number) => {
  const passed: Side[] = []
  const server = createServer((incoming) => {
    const outgoing = createConnection(port, '127.0.0.1')
    incoming.on('data', (bytes) => passed.push({ from: 'gateway', bytes }))
    outgoing.on('data', (bytes) => passed.push({ from: 'hall', bytes }))
    incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy())
    incoming.pipe(outgoing).pipe(incoming)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { passed, port: address.port, close: () => server.close() }
}

const clock = {
  now: () => new Date('2018-11-30T10:15:30+08:00'),
  cityDate: () => '2018-11-30',
}
/** The hall's clock moves at every look, so that an application gets ready. */
const steppingClock = () => {
  const time = { ms: clock.now().getTime() }
  const now = (): Date => {
    time.ms += 100
    return new Date(time.ms)
  }
  return { now, cityDate: clock.cityDate }
}
/** Bytes that look random and are the same in every run. */
const repeatable = (seed: string) => {
  let count = 0
  return (length: number): Uint8Array => {
    count += 1
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHash('sha256')
        .update(`${seed} ${String(count)} ${String(block)}`)
        .digest(),
    )
    return Buffer.concat(blocks).subarray(0, length)
  }
}

const record = async (hallId: SimulatedHallId, typeCode: string): Promise<readonly Side[]> => {
  const hall = await startSimulatedHall(hallId, {
    subjects,
    clock: steppingClock(),
    random: repeatable(`${hallId} simulator`),
    secret: 'example-secret',
    ...(hallId === 'land' ? { ownerUrl: await emptyDatabaseUrl() } : {}),
  })
  const port = /127\.0\.0\.1:(\d+)/.exec(hall.simulator.url)?.[1] ?? ''
  const recorder = await startRecorder(Number(port))
  const through = (text: string): string => text.replace(`:${port}`, `:${String(recorder.port)}`)
  const spec = hallSpecSchema.parse(JSON.parse(through(JSON.stringify(hall.row))))
  const adapter = await departments.get(spec.department)?.({
    hallId,
    settings: spec.settings,
    readSecret: async (source) =>
      makeSecret('name' in source ? through(hall.secrets[source.name] ?? '') : ''),
    openExchange,
    digestName: 'sha-256',
    clock,
    random: repeatable(`${hallId} gateway`),
  })
  if (adapter === undefined) throw new Error('no adapter')
  const outcome = await adapter.find({ typeCode, holder: people.allPresent }, context())
  await adapter.close()
  recorder.close()
  await hall.simulator.close()
  if (outcome.state !== 'found') throw new Error(`${hallId}: ${JSON.stringify(outcome)}`)
  return recorder.passed
}

const hexDump = (bytes: Buffer, rows: number): string =>
  Array.from({ length: Math.min(rows, Math.ceil(bytes.length / 16)) }, (_, row) => {
    const part = bytes.subarray(row * 16, row * 16 + 16)
    const hex = part.toString('hex').replace(/(..)/g, '$1 ').trim().padEnd(47)
    const shown = part.toString('latin1').replace(/[^ -~]/g, '.')
    return `${(row * 16).toString(16).padStart(4, '0')}  ${hex}  ${shown}`
  }).join('\n')

/** What differs from run to run and says nothing about the protocol. */
const steady = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/^Date: .*$/gm, 'Date: …')
    .replace(/\r/g, '')

const sides = (passed: readonly Side[], read: (bytes: Buffer) => string): string => {
  const merged: { from: Side['from']; parts: Buffer[] }[] = []
  for (const { from, bytes } of passed) {
    const last = merged.at(-1)
    if (last?.from === from) last.parts.push(bytes)
    else merged.push({ from, parts: [bytes] })
  }
  return merged
    .map(
      ({ from, parts }) =>
        `${from === 'gateway' ? '>>> gateway' : '<<< hall'}\n${steady(read(Buffer.concat(parts)))}`,
    )
    .join('\n\n')
}

const fenced = (text: string): string => `\`\`\`text\n${text}\n\`\`\``
const utf8 = (bytes: Buffer): string => bytes.toString('utf8')

/** The bytes on the wire of one find per protocol, as Markdown. */
export const wireSections = async (): Promise<string> => {
  const social = await record('social-security', '11370299003700010A001')
  const police = await record('police-vehicle', '113702990037000372005')
  const fund = await record('housing-fund', '11370299003700061J011')
  const land = await record('land', '11370299003700053P009')
  const fundRequest = fund.find(({ from }) => from === 'gateway')?.bytes ?? Buffer.alloc(0)
  const body = fundRequest.subarray(fundRequest.indexOf('\r\n\r\n') + 4)
  const insert = land.find(({ bytes }) => bytes.includes('insert into "cxsq"'))?.bytes
  return [
    '### Social security: share platform, JSON over HTTP',
    'First the secret is fetched (sealed with the app key), then the question is signed with it.',
    fenced(sides(social, utf8)),
    '### Police: request service, SOAP 1.1 (version 1.0, vehicle hall)',
    'A token, then an application and the question for its answer.',
    fenced(sides(police, utf8)),
    '### Housing fund: transaction messages, GBK',
    'The messages, shown as text:',
    fenced(sides(fund, (bytes) => iconv.decode(bytes, 'gbk'))),
    'The first bytes of the request’s body as they travel:',
    fenced(hexDump(body.subarray(body.indexOf('<grxm>')), 8)),
    '### Land: front-end database, PostgreSQL protocol 3',
    'The insert into the query table (messages Parse `P`, Bind `B`, Describe `D`, Execute `E`, Sync `S`; the sign-in before it is the driver’s):',
    fenced(hexDump(insert ?? Buffer.alloc(0), 32)),
  ].join('\n\n')
}
