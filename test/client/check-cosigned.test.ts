import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { clientTrust } from '../../src/client/check-answer.ts'
import { checkCosigned, type CosignedOptions } from '../../src/client/check-cosigned.ts'
import type { JsonObject } from '../../src/crypto/json-value.ts'
import { isJsonObject } from '../../src/crypto/json-value.ts'
import { formatVerifierKey } from '../../src/crypto/note-key.ts'
import { parseNote } from '../../src/crypto/parse-note.ts'
import { loadCosigner, type NoteSigner, signatureLine } from '../../src/crypto/sign-note.ts'
import { type HttpWorld, httpWorld } from '../http/http-world.ts'
import { type Deeds, sampleEndpoints } from '../http/sample-endpoints.ts'

const seenAtSeconds = 1_795_000_000
const witness = (name: string): NoteSigner => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return loadCosigner(name, pem, () => seenAtSeconds)
}
const archive = witness('archive.example')
const court = witness('court.example')
const deeds: Deeds = { reads: 0, nextRead: undefined, duringWrite: undefined }
let world: HttpWorld
let receipt: JsonObject

beforeAll(async () => {
  world = await httpWorld({ endpoints: sampleEndpoints(deeds) })
  const key = await world.addClient({ id: 'auditor', roles: ['A'] })
  const answers = []
  for (let count = 0; count < 20; count += 1)
    answers.push(await world.ask(key, { path: `/v1/notes/n${String(count)}` }))
  const found = answers[3]?.json['receipt']
  if (!isJsonObject(found)) throw new Error('no receipt')
  receipt = found
})

const trust = (witnesses: readonly NoteSigner[]) =>
  clientTrust({
    noteKeys: [world.noteKey, ...witnesses.map(({ key }) => key)].map(formatVerifierKey),
  })

/** The public log, its newest checkpoint cosigned by some. */
const logWith =
  (cosigners: readonly NoteSigner[]): CosignedOptions['readLog'] =>
  async (origin, path) => {
    const found = await world.ledger.resource(origin, path)
    if (found === undefined) throw new Error(`no ${path}`)
    if (path !== 'checkpoint') return found.bytes
    const note = Buffer.from(found.bytes).toString('utf8')
    const { text } = parseNote(note)
    const lines = await Promise.all(cosigners.map((cosigner) => signatureLine(text, cosigner)))
    return Buffer.from(note + lines.join(''))
  }

describe('cosignatures', () => {
  it('prove a receipt by a later checkpoint and public tiles', async () => {
    const cosigned = await checkCosigned(receipt, {
      trust: trust([archive, court]),
      readLog: logWith([archive, court]),
      witnessesMin: 2,
    })
    expect(cosigned.witnesses).toEqual([
      { name: 'archive.example', at: new Date(seenAtSeconds * 1000) },
      { name: 'court.example', at: new Date(seenAtSeconds * 1000) },
    ])
    expect(cosigned.size).toBe(20)
  })

  it('are not counted twice, nor taken from strangers', async () => {
    const options = { trust: trust([archive]), witnessesMin: 2 }
    for (const cosigners of [[], [archive], [archive, archive], [archive, court]])
      await expect(
        checkCosigned(receipt, { ...options, readLog: logWith(cosigners) }),
      ).rejects.toMatchObject({ code: 'cosignatures_missing' })
  })

  it('prove nothing for an event that is not in the tree', async () => {
    const other = { ...receipt, salt: randomBytes(32).toString('base64url') }
    await expect(
      checkCosigned(other, { trust: trust([archive]), readLog: logWith([archive]) }),
    ).rejects.toMatchObject({ code: 'evidence_failed' })
  })
})
