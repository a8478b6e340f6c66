import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openAlgorithms } from '../../src/crypto/algorithms.ts'
import { createDataKeys, loadDataKeys } from '../../src/store/data-keys.ts'
import { inTransaction } from '../../src/store/in-transaction.ts'
import { requireProfile, storeProfile } from '../../src/store/profile-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { testStore } from '../support/database.ts'

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'done'
  } catch (error) {
    return error instanceof StoreError ? error.code : 'another error'
  }
}

it('takes a database without a profile for international, and keeps the first one for good', async () => {
  const store = await testStore()
  expect(await codeOf(requireProfile(store, 'international'))).toBe('done')
  expect(await codeOf(requireProfile(store, 'gm'))).toBe('profile_mismatch')
  await inTransaction(store, (tx) => storeProfile(tx, 'gm'))
  expect(await codeOf(requireProfile(store, 'gm'))).toBe('done')
  expect(await codeOf(requireProfile(store, 'international'))).toBe('profile_mismatch')
  expect(await codeOf(requireProfile(store))).toBe('profile_mismatch')
  const other = inTransaction(store, (tx) => storeProfile(tx, 'international'))
  expect(await codeOf(other)).toBe('profile_mismatch')
  for (const sql of [
    `update setting set value = '"international"' where name = 'profile'`,
    `delete from setting where name = 'profile'`,
  ])
    await expect(store.pool.query(sql)).rejects.toThrow('cannot be changed')
})

it('encrypts with SM4-GCM and indexes with HMAC-SM3 under the gm profile, and neither reads the other', async () => {
  const file = createDataKeys(randomBytes)
  const national = loadDataKeys(file, (await openAlgorithms('gm', randomBytes)).atRest)
  const international = loadDataKeys(file)
  const aad = Buffer.from('licence|1')
  const { blob, keyId } = national.seal(Buffer.from('内容'), aad)
  expect(blob[0]).toBe(2)
  expect(national.open(blob, keyId, aad).toString('utf8')).toBe('内容')
  expect(() => international.open(blob, keyId, aad)).toThrow('version 1')
  expect(() => national.open(international.seal(blob, aad).blob, keyId, aad)).toThrow('version 2')
  for (const at of [0, 5, 20, blob.length - 1]) {
    const flipped = Buffer.from(blob)
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
    expect(() => national.open(flipped, keyId, aad)).toThrow()
  }
  expect(() => national.open(blob, keyId, Buffer.from('licence|2'))).toThrow()
  expect(national.index('holder', '111:1').index).not.toEqual(
    international.index('holder', '111:1').index,
  )
})
