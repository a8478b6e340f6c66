import { randomBytes } from 'node:crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  createDataKeys,
  loadDataKeys,
  parseDataKeyFile,
  prepareDataKeys,
  previousKeyId,
  retireDataKey,
  rotateDataKeys,
} from '../../src/store/data-keys.ts'
import { createKeyFile, readKeyFile, replaceKeyFile } from '../../src/store/key-file.ts'
import { temporaryFolder } from '../support/embedded.ts'

const file = createDataKeys(randomBytes)
const keys = loadDataKeys(file)
const text = Buffer.from('张三 370299199001011234')
const aad = Buffer.from('licence/1')

it('opens what it sealed, for the same row only, and never shows it', () => {
  const { blob, keyId } = keys.seal(text, aad)
  expect(keys.open(blob, keyId, aad)).toEqual(text)
  expect(blob.includes(text)).toBe(false)
  expect(keyId).toBe(keys.current.keyId)
  expect(() => keys.open(blob, keyId, Buffer.from('licence/2'))).toThrow()
  for (let at = 0; at < blob.length; at++) {
    const changed = Buffer.from(blob)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(() => keys.open(changed, keyId, aad)).toThrow()
  }
})

it('hashes equal texts of one kind equally and of two kinds unrelatedly', () => {
  const kinds = ['holder', 'name', 'number', 'identifier', 'subject'] as const
  const hashes = kinds.map((kind) => keys.index(kind, '111:1').index.toString('hex'))
  expect(new Set(hashes).size).toBe(kinds.length)
  expect(loadDataKeys(file).index('holder', '111:1')).toEqual(keys.index('holder', '111:1'))
  const stranger = loadDataKeys(createDataKeys(randomBytes))
  expect(stranger.index('holder', '111:1').index).not.toEqual(keys.index('holder', '111:1').index)
})

it('keeps 128 bits of what stands with every licence, and all of other hashes', () => {
  const lengthOf = (kind: 'holder' | 'name' | 'number' | 'identifier' | 'subject' | 'request') =>
    keys.index(kind, '111:1').index.length
  expect((['holder', 'name', 'number', 'identifier'] as const).map(lengthOf)).toEqual([
    16, 16, 16, 16,
  ])
  expect((['subject', 'request'] as const).map(lengthOf)).toEqual([32, 32])
})

it('keeps two keys valid during a rotation and writes with the new one', () => {
  const sealed = keys.seal(text, aad)
  const rotatedFile = rotateDataKeys(file, randomBytes)
  const rotated = loadDataKeys(rotatedFile)
  expect(rotated.open(sealed.blob, sealed.keyId, aad)).toEqual(text)
  expect(rotated.seal(text, aad).keyId).not.toBe(sealed.keyId)
  expect(rotated.indexAll('holder', '111:1')).toEqual([
    rotated.index('holder', '111:1'),
    keys.index('holder', '111:1'),
  ])
  expect(() => rotateDataKeys(rotatedFile, randomBytes)).toThrow('上一次密钥轮换还没有完成')
  const retired = loadDataKeys(retireDataKey(rotatedFile))
  expect(retired.indexAll('holder', '111:1')).toHaveLength(1)
  expect(() => retired.open(sealed.blob, sealed.keyId, aad)).toThrow('请从备份恢复')
})

it('knows a prepared key and writes nothing under it before the rotation', () => {
  const prepared = prepareDataKeys(file, randomBytes)
  const both = loadDataKeys(prepared)
  expect(both.seal(text, aad).keyId).toBe(keys.current.keyId)
  expect(previousKeyId(prepared)).toBeUndefined()
  expect(() => prepareDataKeys(prepared, randomBytes)).toThrow('上一次密钥轮换还没有完成')
  const rotated = rotateDataKeys(parseDataKeyFile(JSON.stringify(prepared)), randomBytes)
  expect(previousKeyId(rotated)).toBe(keys.current.keyId)
  const early = loadDataKeys(rotated).seal(text, aad)
  expect(both.open(early.blob, early.keyId, aad)).toEqual(text)
})

it.each(['', '{}', '{"version":1,"keys":[]}', '{"version":1,"keys":[{"keyId":"a","secret":"b"}]}'])(
  'refuses the key file %s',
  (content) => {
    expect(() => parseDataKeyFile(content)).toThrow('数据密钥文件内容不正确')
  },
)

it('keeps the file to its owner, never overwrites one, replaces it in one step', async () => {
  const path = join(await temporaryFolder(), 'keys/data-keys.json')
  await createKeyFile(path, file)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700)
  await expect(createKeyFile(path, createDataKeys(randomBytes))).rejects.toThrow('EEXIST')
  expect(await readKeyFile(path)).toEqual(file)
  const rotated = rotateDataKeys(file, randomBytes)
  await replaceKeyFile(path, rotated)
  expect(await readKeyFile(path)).toEqual(rotated)
})

it('refuses a key file that others can read, and says how to mend it', async () => {
  const path = join(await temporaryFolder(), 'data-keys.json')
  await expect(readKeyFile(path)).rejects.toThrow('zhengqiao init')
  await createKeyFile(path, file)
  await chmod(path, 0o640)
  await expect(readKeyFile(path)).rejects.toThrow('chmod 600')
  await chmod(path, 0o600)
  await writeFile(path, (await readFile(path, 'utf8')).slice(1))
  await expect(readKeyFile(path)).rejects.toMatchObject({ code: 'key_file' })
})
