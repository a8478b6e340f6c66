import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCheckpoint, parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { CryptoError } from '../../src/crypto/crypto-error.ts'
import { formatVerifierKey, makeVerifierKey, parseVerifierKey } from '../../src/crypto/note-key.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { parseNote } from '../../src/crypto/parse-note.ts'
import {
  loadCosigner,
  loadNoteSigner,
  signNote,
  type NoteSigner,
} from '../../src/crypto/sign-note.ts'
import { coded, flips } from './coded.ts'

type Case = {
  id: string
  vkeys: string[]
  note: string
  result: 'valid' | 'invalid'
  checkpoint?: boolean
}
const file = new URL('../vectors/notes/signed-notes.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }

const isValid = ({ note, vkeys, checkpoint }: Case): boolean => {
  try {
    const keys = vkeys.map(parseVerifierKey)
    const { text, verified } = openNote(note, keys)
    if (checkpoint === true) parseCheckpoint(text)
    return keys.every(({ name, keyId }) =>
      verified.some((signature) => signature.name === name && signature.keyId === keyId),
    )
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

describe('notes of golang.org/x/mod, tessera and a generator', () => {
  it.each(cases)('$result: $id', (item) => {
    expect(isValid(item)).toBe(item.result === 'valid')
  })
})

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const origin = 'gateway.example/node-1'
const log = loadNoteSigner(origin, pem())
const witness = loadCosigner('witness.example/w1', pem(), () => 1_700_000_000)
const keysOf = (...signers: NoteSigner[]) => signers.map(({ key }) => key)
const text = formatCheckpoint({ origin, size: 42, root: new Uint8Array(32).fill(7) })

it('opens what it signed, with the cosigner and its time', async () => {
  const note = await signNote(text, [log, witness])
  const opened = openNote(note, keysOf(log, witness))
  expect(opened.text).toBe(text)
  expect(opened.unknown).toEqual([])
  expect(opened.verified.map(({ name, type, timestamp }) => [name, type, timestamp])).toEqual([
    [origin, 'ed25519', undefined],
    ['witness.example/w1', 'cosignature-v1', 1_700_000_000],
  ])
})

it('keeps lines of unknown keys apart, and does not open a note that only they signed', async () => {
  const note = await signNote(text, [log, witness])
  expect(openNote(note, keysOf(log)).unknown).toHaveLength(1)
  expect(coded(() => openNote(note, keysOf(loadNoteSigner(origin, pem()))))).toBe('note_unverified')
  expect(coded(() => openNote(note, []))).toBe('note_unverified')
})

it('opens no note with one bit flipped, in the text or in any signature', async () => {
  const note = await signNote(text, [log, witness])
  const keys = keysOf(log, witness)
  for (const changed of flips(Buffer.from(note, 'utf8'))) {
    const answer = coded(() => {
      const opened = openNote(Buffer.from(changed).toString('utf8'), keys)
      if (opened.verified.length === keys.length) throw new Error('opened a changed note')
    })
    expect([undefined, 'note_malformed', 'note_unverified', 'signature_invalid']).toContain(answer)
  }
})

it('refuses the whole note when one of two known keys did not sign it', async () => {
  const note = await signNote(text, [log, witness])
  const other = await signNote(text.replace('42', '43'), [witness])
  const swapped = note.replace(/— witness.*\n/u, other.split('\n\n')[1] ?? '')
  expect(coded(() => openNote(swapped, keysOf(log, witness)))).toBe('signature_invalid')
})

it('takes a cosignature for nothing but a cosignature', async () => {
  const key = pem()
  const plain = loadNoteSigner('w', key)
  const cosigner = loadCosigner('w', key, () => 1)
  expect(plain.key.keyId).not.toBe(cosigner.key.keyId)
  const note = await signNote(text, [plain])
  expect(coded(() => openNote(note, [cosigner.key]))).toBe('note_unverified')
  const renamed = [{ ...cosigner.key, keyId: plain.key.keyId }]
  expect(coded(() => openNote(note, renamed))).toBe('signature_invalid')
})

it('asks the given verifier about SM2 lines, and trusts none without one', async () => {
  const key = makeVerifierKey('g', 'sm2-sm3', Buffer.from('spki'))
  const note = await signNote(text, [{ key, sign: () => new Uint8Array(64) }])
  expect(coded(() => openNote(note, [key]))).toBe('signature_invalid')
  const verifiers = new Map([
    ['SM2-SM3', ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString() === text],
  ])
  expect(openNote(note, [key], { verifiers }).verified).toHaveLength(1)
})

describe('verifier keys', () => {
  it('read back as written, for each type', () => {
    for (const key of [log.key, witness.key, makeVerifierKey('g', 'sm2-sm3', Buffer.from('spki'))])
      expect(parseVerifierKey(formatVerifierKey(key))).toEqual({
        ...key,
        publicKey: Buffer.from(key.publicKey),
      })
  })

  it.each([
    'example.com/log/testdata+33d7b497+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    'example.com/log/testdatb+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    'example.com/log/testdata+33d7b496+AuHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkQ=',
    'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI-oO5xCFkkSx',
    'example.com/log/testdata+33d7b496',
    '+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    '',
  ])('refuses %j', (vkey) => {
    expect(coded(() => parseVerifierKey(vkey))).toBe('note_key_malformed')
  })

  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\nb'])('refuses the name %j', (name) => {
    expect(coded(() => makeVerifierKey(name, 'ed25519', new Uint8Array(32)))).toBe(
      'note_key_malformed',
    )
  })
})

describe('notes', () => {
  it.each([
    ['no text', '\n\n— a AAAAAAA=\n', undefined],
    ['no empty line', 'a\n— a AAAAAAA=\n', 'note_malformed'],
    ['a tab', 'a\tb\n\n— a AAAAAAA=\n', 'note_malformed'],
    ['a carriage return', 'a\r\n\n— a AAAAAAA=\n', 'note_malformed'],
    ['a hyphen for the dash', 'a\n\n- a AAAAAAA=\n', 'note_malformed'],
    ['a short signature', 'a\n\n— a AAAAAA==\n', 'note_malformed'],
    ['base64 with other unused bits', 'a\n\n— a AAAAAAB=\n', 'note_malformed'],
    ['two spaces', 'a\n\n— a  AAAAAAA=\n', 'note_malformed'],
    ['a plus in the name', 'a\n\n— a+b AAAAAAA=\n', 'note_malformed'],
    ['no signature', 'a\n\n', 'note_malformed'],
    ['text after the signatures', 'a\n\n— a AAAAAAA=\nb', 'note_malformed'],
    ['a lone surrogate', 'a\ud800\n\n— a AAAAAAA=\n', 'note_malformed'],
    ['101 signatures', `a\n\n${'— a AAAAAAA=\n'.repeat(101)}`, 'note_malformed'],
    ['100 signatures', `a\n\n${'— a AAAAAAA=\n'.repeat(100)}`, undefined],
    ['more than a million characters', `${'a'.repeat(1e6)}\n\n— a AAAAAAA=\n`, 'note_malformed'],
  ])('with %s', (_what, note, code) => {
    expect(coded(() => parseNote(note))).toBe(code)
  })

  it('are split at the last empty line', () => {
    expect(parseNote('a\n\nb\n\n— a AAAAAAA=\n').text).toBe('a\n\nb\n')
  })

  it('are not signed without a final newline or with a control character', async () => {
    await expect(signNote('a', [log])).rejects.toThrow(CryptoError)
    await expect(signNote('a\t\n', [log])).rejects.toThrow(CryptoError)
  })

  it('fail with a code whatever the text', () => {
    const token = fc.constantFrom('\n', '\n\n', '— ', 'a', ' ', '+', 'AAAAAAA=', '\t', 'é')
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        coded(() => openNote(tokens.join(''), [log.key]))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('checkpoints', () => {
  it('read back as written', () => {
    expect(parseCheckpoint(text)).toEqual({
      ...{ origin, size: 42, extensions: [] },
      root: Buffer.alloc(32, 7),
    })
  })

  const root = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc='
  it.each([
    ['leading zero', `o\n042\n${root}\n`],
    ['sign', `o\n+42\n${root}\n`],
    ['hexadecimal', `o\n0x2a\n${root}\n`],
    ['size beyond 2^53', `o\n9007199254740992\n${root}\n`],
    ['empty size', `o\n\n${root}\n`],
    ['no padding', `o\n42\n${root.slice(0, -1)}\n`],
    ['short root', 'o\n42\nBwc=\n'],
    ['no root', 'o\n42\n'],
    ['no origin', `\n42\n${root}\n`],
    ['empty extension', `o\n42\n${root}\n\nx\n`],
    ['no final newline', `o\n42\n${root}`],
  ])('with %s are refused', (_what, malformed) => {
    expect(coded(() => parseCheckpoint(malformed))).toBe('checkpoint_malformed')
  })
})
