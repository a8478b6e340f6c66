import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch } from '../../client/operations.ts'
import { loadRequestKey } from '../../client/request-key.ts'
import { createZhengqiaoClient, type ZhengqiaoClient } from '../../client/zhengqiao-client.ts'
import { formatLicenceIdentifier } from '../../licences/licence-identifier.ts'
import { residentIdCheck } from '../../licences/resident-id.ts'
import { benchItem } from './bench-city.ts'
import type { Scene } from './scene.ts'

export type PushedLicences = {
  readonly rows: number
  /** Of the lines as the department pushed them. */
  readonly payloadBytes: number
  /** From the first byte of the first chunk until the batch was validated, and until it was released. */
  readonly validatedSeconds: number
  readonly releasedSeconds: number
}

const rowsAChunk = 20_000

/**
 * Loads so many identity cards the way a department does: one steward pushes the batch in chunks and has
 * it validated, another releases it; the gateway signs in its own custody.
 */
export const pushLicences = async (scene: Scene, rows: number): Promise<PushedLicences> => {
  const pusher = await stewardClient(scene, 'police-steward-1')
  const releaser = await stewardClient(scene, 'police-steward-2')
  const chunks = cutRows(rows)
  const { data: opened } = await pusher.batches.open({
    issuerCode: benchItem.issuerCode,
    format: 'ndjson',
    expectedRows: rows,
    expectedChunks: chunks.length,
  })
  const { batchId } = opened
  const startedAt = performance.now()
  const secondsSoFar = (): number => (performance.now() - startedAt) / 1000
  let payloadBytes = 0
  for (const [place, { first, last }] of chunks.entries()) {
    const bytes = linesOf(first, last)
    payloadBytes += bytes.length
    const content = { bytes, contentType: 'application/x-ndjson' }
    await pusher.batches.putChunk(batchId, place + 1, content)
  }
  await pusher.batches.validate(batchId)
  const validated = await untilState(pusher, batchId, 'validated')
  const validatedSeconds = secondsSoFar()
  if (validated.counts?.valid !== rows)
    throw new Error(`rows refused: ${JSON.stringify(validated.counts)}`)
  await releaser.batches.release(batchId, { root: validated.root ?? '', rows })
  await untilState(releaser, batchId, 'released')
  return { rows, payloadBytes, validatedSeconds, releasedSeconds: secondsSoFar() }
}

const stewardClient = async ({ city, options }: Scene, id: string): Promise<ZhengqiaoClient> => {
  const read = (file: string) => readFile(join(city.folder.clients, id, file), 'utf8')
  return createZhengqiaoClient({
    publicUrl: city.publicUrl,
    key: loadRequestKey(await read('key.pem'), await read('cert.pem')),
    now: options.io.now,
    randomBytes: options.io.randomBytes,
    trust: 'unchecked',
    timeoutMs: 120_000,
  })
}

const untilState = async (
  client: ZhengqiaoClient,
  batchId: string,
  wanted: Batch['state'],
): Promise<Batch> => {
  for (;;) {
    const { data } = await client.batches.get(batchId)
    if (data.state === wanted) return data
    if (data.state === 'failed') throw new Error(`the batch failed: ${data.failure ?? ''}`)
    await sleep(200)
  }
}

const cutRows = (rows: number): readonly { readonly first: number; readonly last: number }[] =>
  Array.from({ length: Math.ceil(rows / rowsAChunk) }, (_, at) => ({
    first: at * rowsAChunk,
    last: Math.min(rows, (at + 1) * rowsAChunk),
  }))

const linesOf = (first: number, last: number): Uint8Array =>
  Buffer.from(
    Array.from({ length: last - first }, (_, at) => `${JSON.stringify(rowOf(first + at))}\n`).join(
      '',
    ),
  )

const digits = '零一二三四五六七八九'

/** The `at`-th of 49,950,000 identity cards, as long as the demo's. */
const rowOf = (at: number) => {
  const month = String((at % 12) + 1).padStart(2, '0')
  const day = String((Math.floor(at / 12) % 25) + 1).padStart(2, '0')
  const year = String(1950 + (Math.floor(at / 300) % 50))
  const born = Math.floor(at / 15_000) % 999
  const area = 370_299
  const first17 = `${String(area)}${year}${month}${day}${String(born + 1).padStart(3, '0')}`
  const id = `${first17}${residentIdCheck(first17)}`
  const name = `测${Array.from(String(at), (digit) => digits.charAt(Number(digit))).join('')}`
  return {
    licenceId: formatLicenceIdentifier({
      typeCode: benchItem.typeCode,
      issuerCode: benchItem.issuerCode,
      serial: `P${String(at).padStart(10, '0')}`,
      version: '001',
    }),
    typeCode: benchItem.typeCode,
    number: id,
    version: '001',
    holders: [{ kind: 'person', idType: '111', id, name }],
    issuer: { code: benchItem.issuerCode, name: '青岛市公安局' },
    issuedAt: '2018-08-05',
    validFrom: '2018-08-05',
    validTo: null,
    status: 'active',
    trustLevel: 'A',
    areaCode: '370215',
    surface: {
      name,
      sex: '男',
      ethnicity: '汉',
      birthDate: `${year}-${month}-${day}`,
      domicile: '山东省青岛市即墨区北安街道泉东新村延安三路286号瑞沧府27号楼1单元2104户',
      citizenId: id,
      issuingAuthority: '青岛市公安局即墨分局',
      validPeriod: '2018.08.05-长期',
    },
    synthetic: true,
  }
}
