import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadClientTrust } from '../../src/client/check-answer.ts'
import { readKeyFolder } from '../../src/client/read-key-folder.ts'
import { ProblemError } from '../../src/client/client-error.ts'
import { createZhengqiaoClient } from '../../src/client/zhengqiao-client.ts'
import { randomBytes } from 'node:crypto'
import { startGateway } from '../../src/main.ts'
import { makeRoot } from '../../src/trust/dev-ca.ts'
import { generateP256Key } from '../../src/trust/issuing-key.ts'
import { toPem } from '../../src/trust/pem.ts'
import { writeName } from '../../src/trust/write-name.ts'
import { migrationsDir } from '../../src/cli/package-root.ts'
import { startedGateway } from '../support/started-gateway.ts'

const started = await startedGateway('https://gateway.example', { profile: 'gm' })

const clientOf = async (clientId: string, digestName?: 'sha-256') => {
  const key = await readKeyFolder(join(started.folder.clients, clientId))
  return createZhengqiaoClient({
    publicUrl: started.publicUrl,
    connectUrl: started.url,
    key: digestName === undefined ? key : { ...key, digestName },
    trust: await loadClientTrust(started.folder.trust),
    now: () => new Date(),
    randomBytes,
  })
}

it('answers SM2 requests with receipts of an SM3 log, which the client library checks', async () => {
  const admin = await clientOf('auditor-1')
  const { receiptFile } = await admin.audit.searchEvents({
    client: 'auditor-1',
    limit: 1,
    reason: '测试核对',
  })
  expect(receiptFile).toContain('+sm3')
  expect(receiptFile.match(/— gateway\.example /g)).toHaveLength(1)
  const event = Buffer.from(
    /"event":"([\w-]+)"/.exec(receiptFile)?.[1] ?? '',
    'base64url',
  ).toString()
  expect(event).toContain('"requestDigest":"sm3:')
  expect(event).not.toContain('sha-256')
})

it('takes no body under SHA-256', async () => {
  const registrar = await clientOf('registrar-city', 'sha-256')
  const refused = registrar.cases.register({
    caseNo: 'GM-1',
    itemCode: 'QD-RS-007',
    channel: 'hall',
    subject: { idType: '111', id: '370299199001010011', name: '某某' },
    facts: { agent: false },
    operator: { id: 'clerk-city-001', name: '孙晓琳', window: 'A01' },
  })
  await expect(refused).rejects.toThrow(ProblemError)
  await expect(refused).rejects.toMatchObject({ code: 'digest_mismatch' })
})

it('does not start when gateway.json says another profile than its database', async () => {
  const other = { ...started.gateway, profile: 'international' } as const
  await expect(startGateway(started.config, other, { migrationsDir })).rejects.toMatchObject({
    code: 'profile_mismatch',
  })
  expect(await readFile(join(started.folder.trust, 'gateway-sm2.vkey'), 'utf8')).toContain('+')
})

it('takes no request under the name of the other algorithm', async () => {
  const key = await readKeyFolder(join(started.folder.clients, 'auditor-1'))
  expect(key.algorithm).toBe('sm2-sm3')
  const renamed = createZhengqiaoClient({
    publicUrl: started.publicUrl,
    connectUrl: started.url,
    key: { ...key, algorithm: 'ecdsa-p256-sha256' },
    trust: await loadClientTrust(started.folder.trust),
    now: () => new Date(),
    randomBytes,
  })
  await expect(
    renamed.audit.searchEvents({ client: 'auditor-1', limit: 1, reason: '测试核对' }),
  ).rejects.toMatchObject({ code: 'signature_invalid' })
})

it('does not start with an attestation or a custody key of P-256', async () => {
  const { attestationKey, attestationChain, custody } = started.folder
  const [issuer = ''] = await readdir(custody)
  const other = generateP256Key()
  const { certificate } = await makeRoot({
    subject: writeName({ commonName: 'P-256' }),
    key: other.key,
    validity: { notBefore: new Date('2026-01-01'), notAfter: new Date('2031-01-01') },
    random: randomBytes,
  })
  for (const [keyFile, chainFile] of [
    [attestationKey, attestationChain],
    [join(custody, issuer, 'key.pem'), join(custody, issuer, 'chain.pem')],
  ] as const) {
    const [key, chain] = await Promise.all([readFile(keyFile), readFile(chainFile)])
    await writeFile(keyFile, other.privateKeyPem)
    await writeFile(chainFile, toPem('CERTIFICATE', certificate))
    await expect(started.restart()).rejects.toMatchObject({ code: 'key_unsupported' })
    await writeFile(keyFile, key)
    await writeFile(chainFile, chain)
  }
  expect((await fetch(`${await started.restart()}/livez`)).status).toBe(200)
}, 120_000)
