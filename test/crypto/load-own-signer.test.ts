import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openAlgorithms } from '../../src/crypto/algorithms.ts'
import { loadOwnSigner } from '../../src/crypto/load-own-signer.ts'
import { writePem } from '../../src/crypto/sm2/pem.ts'
import { writeSm2PrivateKeyPem } from '../../src/crypto/sm2/write-private-key.ts'
import { makeRoot } from '../../src/trust/dev-ca.ts'
import { generateP256Key, type IssuingKey } from '../../src/trust/issuing-key.ts'
import { sm2IssuingKey } from '../../src/trust/sm2-issuing-key.ts'
import { writeName } from '../../src/trust/write-name.ts'

const gm = await openAlgorithms('gm', randomBytes)
const international = await openAlgorithms('international', randomBytes)
const folder = await mkdtemp(join(tmpdir(), 'zhengqiao-own-signer-'))
afterAll(() => rm(folder, { recursive: true }))

const put = async (name: string, privateKeyPem: string, key: IssuingKey) => {
  const { certificate } = await makeRoot({
    subject: writeName({ commonName: name }),
    key,
    validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
    random: randomBytes,
  })
  const files = [join(folder, `${name}.key`), join(folder, `${name}.pem`)] as const
  await writeFile(files[0], privateKeyPem)
  await writeFile(files[1], writePem('CERTIFICATE', certificate))
  return files
}

const p256 = generateP256Key()
const p256Files = await put('p256', p256.privateKeyPem, p256.key)
const sm2Key = gm.gm.sm2.generateKey()
const sm2Files = await put('sm2', writeSm2PrivateKeyPem(sm2Key), sm2IssuingKey(gm.gm.sm2, sm2Key))

it('takes keys of either algorithm under the international profile', async () => {
  expect(await loadOwnSigner(international, ...p256Files)).toMatchObject({ alg: 'ES256' })
  expect(await loadOwnSigner(international, ...sm2Files)).toMatchObject({ alg: 'SM2-SM3' })
})

it('takes no P-256 key under the gm profile', async () => {
  expect(await loadOwnSigner(gm, ...sm2Files)).toMatchObject({ alg: 'SM2-SM3' })
  await expect(loadOwnSigner(gm, ...p256Files)).rejects.toMatchObject({ code: 'key_unsupported' })
})

it('takes neither key with the certificate of the other', async () => {
  for (const algorithms of [gm, international])
    for (const [key, chain] of [
      [p256Files[0], sm2Files[1]],
      [sm2Files[0], p256Files[1]],
    ] as const)
      await expect(loadOwnSigner(algorithms, key, chain)).rejects.toMatchObject({
        code: 'key_mismatch',
      })
})
