import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writePublic, writeSecret } from '../../../src/cli/init/write-whole.ts'
import { createDataKeys } from '../../../src/store/data-keys.ts'
import { createKeyFile, readKeyFile, replaceKeyFile } from '../../../src/store/key-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'zhengqiao-write-'))
const umask = process.umask(0)
afterAll(async () => {
  process.umask(umask)
  await rm(folder, { recursive: true })
})
const modeOf = async (path: string) => (await stat(path)).mode & 0o777
const keys = createDataKeys(randomBytes)

const writers: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ['a secret', (path) => writeSecret(path, 'secret')],
  ['a first data key file', (path) => createKeyFile(path, keys)],
  [
    'the next data key file',
    async (path) => {
      await writeFile(path, 'before', { mode: 0o600 })
      await replaceKeyFile(path, keys)
    },
  ],
]

describe.each(writers)('%s', (what, write) => {
  const at = (name: string): string => join(folder, what, name, 'key')

  it('is readable by its owner only, whatever the umask', async () => {
    const path = at('plain')
    await createKeyFile(path, keys)
    await rm(path)
    await write(path)
    expect([await modeOf(path), await modeOf(join(path, '..'))]).toEqual([0o600, 0o700])
  })

  it('goes into no file that stood in its way, nor through a link', async () => {
    const path = at('hostile')
    await writePublic(`${path}.new`, '')
    const waiting = await open(`${path}.new`, 'r')
    await write(path)
    expect((await waiting.readFile()).length).toBe(0)
    await waiting.close()
    await rm(path)
    const elsewhere = join(folder, what, 'elsewhere')
    await writeFile(elsewhere, '')
    await symlink(elsewhere, `${path}.new`)
    await write(path)
    expect(await readFile(elsewhere, 'utf8')).toBe('')
    expect(await modeOf(path)).toBe(0o600)
  })
})

it('reads no data key file that others can read', async () => {
  const path = join(folder, 'open')
  await writeFile(path, JSON.stringify(keys), { mode: 0o644 })
  await expect(readKeyFile(path)).rejects.toMatchObject({ code: 'key_file' })
})
