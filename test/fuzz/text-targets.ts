import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { parseCheckpoint } from '../../src/crypto/checkpoint.ts'
import { CryptoError } from '../../src/crypto/crypto-error.ts'
import { verifyJws } from '../../src/crypto/jws.ts'
import { parseVerifierKey } from '../../src/crypto/note-key.ts'
import { openNote } from '../../src/crypto/open-note.ts'
import { parseJson } from '../../src/crypto/parse-json.ts'
import { parseSdJwt } from '../../src/crypto/parse-sd-jwt.ts'
import { readJwk } from '../../src/crypto/read-jwk.ts'
import { resolveDisclosures } from '../../src/crypto/resolve-disclosures.ts'
import { sdDigestOf } from '../../src/crypto/sd-jwt-digest.ts'
import { formatTlogProof, parseTlogProof } from '../../src/crypto/tlog-proof.ts'
import { verifySdJwt } from '../../src/crypto/verify-sd-jwt.ts'
import type { FuzzTarget } from './targets.ts'

const vectors = fileURLToPath(new URL('../vectors/', import.meta.url))
const json = (file: string): unknown => JSON.parse(readFileSync(`${vectors}${file}`, 'utf8'))
const isCoded = (error: unknown): boolean => error instanceof CryptoError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const buffers = (texts: readonly string[]): readonly Buffer[] =>
  texts.map((each) => Buffer.from(each))

const jwk = z.record(z.string(), z.json())
const sdJwtCases = z
  .object({ cases: z.array(z.object({ sdJwt: z.string(), issuerJwk: jwk })) })
  .parse(json('sd-jwt/sd-jwt-cases.json')).cases
const notes = z
  .object({ cases: z.array(z.object({ note: z.string(), vkeys: z.array(z.string()) })) })
  .parse(json('notes/signed-notes.json')).cases
const jwsGroups = z
  .object({
    testGroups: z.array(
      z.object({ public: jwk.optional(), tests: z.array(z.object({ jws: z.string() })) }),
    ),
  })
  .parse(json('wycheproof/json_web_signature_test.json')).testGroups

const sdJwtKey = readJwk(sdJwtCases[0]?.issuerJwk ?? {})
const jwsKey = readJwk(jwsGroups.find((group) => group.public?.['kty'] === 'EC')?.public ?? {})
const noteKeys = (notes[0]?.vkeys ?? []).map(parseVerifierKey)
const at = new Date('2026-11-23T00:00:00Z')

/** Readers of texts that come from outside. */
export const textTargets: Readonly<Record<string, FuzzTarget>> = {
  json: {
    seeds: () => buffers(notes.map((each) => JSON.stringify(each))),
    read: parseJson,
    isCoded,
  },
  jws: {
    seeds: () => buffers(jwsGroups.flatMap(({ tests }) => tests.map(({ jws }) => jws))),
    read: (bytes) => verifyJws(text(bytes), jwsKey),
    isCoded,
  },
  'sd-jwt': {
    seeds: () => buffers(sdJwtCases.map(({ sdJwt }) => sdJwt)),
    read: (bytes) =>
      verifySdJwt(text(bytes), { key: sdJwtKey, at, keyBinding: { required: false } }),
    isCoded,
  },
  /** Without the signature, which keeps nearly every changed text away from what follows it. */
  disclosures: {
    seeds: () => buffers(sdJwtCases.map(({ sdJwt }) => sdJwt)),
    read: (bytes) => {
      const { payload, disclosures } = parseSdJwt(text(bytes))
      return resolveDisclosures(payload, disclosures, sdDigestOf(payload['_sd_alg']))
    },
    isCoded,
  },
  note: {
    seeds: () => buffers(notes.map(({ note }) => note)),
    read: (bytes) => openNote(text(bytes), noteKeys),
    isCoded,
  },
  checkpoint: {
    seeds: () => buffers(notes.map(({ note }) => note.slice(0, note.indexOf('\n\n') + 1))),
    read: (bytes) => parseCheckpoint(text(bytes)),
    isCoded,
  },
  proof: {
    seeds: () =>
      buffers(
        notes.map(({ note }, index) =>
          formatTlogProof({ index, path: [new Uint8Array(32).fill(index)], checkpoint: note }),
        ),
      ),
    read: (bytes) => parseTlogProof(text(bytes)),
    isCoded,
  },
}
