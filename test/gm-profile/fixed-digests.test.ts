import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'

/*
 * The counter sees what the demo's walk comes by. Whatever it does not come by may not name an
 * international algorithm either, outside of the few places that are there for it.
 */

const root = join(import.meta.dirname, '../..')

const fixed =
  /(?:digest|digestText|startDigest|createHash|createHmac|hash|hkdfSync|hkdf|sign|verify)\(\s*'(?:sha|ed25519)[^']*'|createCipheriv\(\s*'aes|createDecipheriv\(\s*'aes|generateKeyPairSync\(\s*'|subtle\.(?:digest|sign)/

/** Why each of them may: what is verified is other people's, what is made is behind the profile. */
const allowed: readonly (readonly [RegExp, string])[] = [
  [/^src\/crypto\/(aead|at-rest|signer)\.ts$/, 'chosen by the profile'],
  [/^src\/crypto\/cms\/verify-signed-data\.ts$/, 'verifies'],
  [/^src\/trust\/issuing-key\.ts$/, 'keys of --alg p256'],
  [/^src\/trust\//, 'names and verifies what is handed in'],
  [/^src\/cli\/init\/make-key-files\.ts$/, 'the Ed25519 line of the international profile'],
  [/^src\/cli\/bench\//, 'measures'],
  [/^src\/verification\/conformance\//, 'other people’s suites'],
  [/^adapters\/(housing-fund|social-security)\//, 'as the department’s system prescribes it'],
]

it('are in no place that the gm profile comes by', async () => {
  const folders = ['src', 'adapters'].map((name) => join(root, name))
  const files = await Promise.all(folders.map((dir) => readdir(dir, { recursive: true })))
  const paths = files.flatMap((names, at) =>
    names.filter((name) => name.endsWith('.ts')).map((name) => join(folders[at] ?? '', name)),
  )
  expect(paths.length).toBeGreaterThan(400)
  const found = await Promise.all(
    paths.map(async (path) =>
      fixed.test(await readFile(path, 'utf8')) ? [relative(root, path)] : [],
    ),
  )
  const naming = found.flat()
  expect(naming).toContain('src/crypto/at-rest.ts')
  expect(naming.filter((path) => !allowed.some(([place]) => place.test(path)))).toEqual([])
})
