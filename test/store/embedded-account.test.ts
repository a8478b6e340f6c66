import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chooseAccount } from '../../src/store/embedded-account.ts'
import { isRoot, temporaryFolder } from '../support/embedded.ts'

const accounts = async (...lines: readonly string[]): Promise<string> => {
  const path = join(await temporaryFolder(), 'passwd')
  await writeFile(path, `root:x:0:0:root:/root:/bin/bash\n${lines.join('\n')}\n`)
  return path
}
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
const postgres = 'postgres:x:101:104::/var/lib/postgresql:/bin/bash'

it.runIf(!isRoot)('stays the user that it is when that is not root', async () => {
  expect(await chooseAccount(await temporaryFolder())).toBeUndefined()
})

it.runIf(isRoot)('takes an account that every system has and never makes one', async () => {
  const folder = await temporaryFolder()
  const file = await accounts(nobody, postgres)
  expect(await chooseAccount(folder, file)).toEqual({ uid: 101, gid: 104 })
  expect(await chooseAccount(folder, await accounts('games:x:5:60::/usr/games:', nobody))).toEqual({
    uid: 65534,
    gid: 65534,
  })
})

it.runIf(isRoot)('says what to do when root has nobody to switch to', async () => {
  const none = chooseAccount(await temporaryFolder(), await accounts())
  await expect(none).rejects.toMatchObject({ code: 'embedded_account' })
})
