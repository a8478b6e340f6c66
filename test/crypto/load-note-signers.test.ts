import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openAlgorithms } from '../../src/crypto/algorithms.ts'
import { loadNoteSigners } from '../../src/crypto/load-note-signers.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { signNote } from '../../src/crypto/sign-note.ts'
import { writeSm2PrivateKeyPem } from '../../src/crypto/sm2/write-private-key.ts'

const international = await openAlgorithms('international', randomBytes)
const gm = await openAlgorithms('gm', randomBytes)
const folder = await mkdtemp(join(tmpdir(), 'zhengqiao-note-signers-'))
afterAll(() => rm(folder, { recursive: true }))

const files = { noteKey: join(folder, 'note.pem'), sm2NoteKey: join(folder, 'sm2-note.pem') }
const none = join(folder, 'none.pem')
const { privateKey } = generateKeyPairSync('ed25519')
await writeFile(files.noteKey, privateKey.export({ type: 'pkcs8', format: 'pem' }))
await writeFile(files.sm2NoteKey, writeSm2PrivateKeyPem(gm.gm.sm2.generateKey()))

const typesOf = async (...given: Parameters<typeof loadNoteSigners>) => {
  const signers = await loadNoteSigners(...given)
  const keys = signers.map(({ key }) => key)
  const note = await signNote('gateway.example/1\n0\n', signers)
  return openNote(note, keys, gm.gm.signatures).verified.map(({ type }) => type)
}

it('sign with Ed25519 and, beside it, SM2 under the international profile', async () => {
  expect(await typesOf(files, 'gateway.example', international)).toEqual(['ed25519', 'sm2-sm3'])
})

it('sign with Ed25519 alone in a folder from before SM2', async () => {
  const older = { ...files, sm2NoteKey: none }
  expect(await typesOf(older, 'gateway.example', international)).toEqual(['ed25519'])
})

it('sign with SM2 alone under gm, where the key must be there and be one of SM2', async () => {
  expect(await typesOf({ ...files, noteKey: none }, 'gateway.example', gm)).toEqual(['sm2-sm3'])
  const missing = loadNoteSigners({ ...files, sm2NoteKey: none }, 'gateway.example', gm)
  await expect(missing).rejects.toMatchObject({ code: 'ENOENT' })
  const wrong = { ...files, sm2NoteKey: files.noteKey }
  for (const algorithms of [gm, international])
    await expect(loadNoteSigners(wrong, 'gateway.example', algorithms)).rejects.toMatchObject({
      code: 'key_unsupported',
    })
})
