import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runCommand } from '../../src/cli/run-command.ts'
import { startedGateway } from '../support/started-gateway.ts'

const started = await startedGateway()
const home = await mkdtemp(join(tmpdir(), 'zhengqiao-registry-'))
afterAll(() => rm(home, { recursive: true }))

const run = async (...args: readonly string[]) => {
  const written = { out: '', err: '' }
  const code = await runCommand(args, {
    env: { ZHENGQIAO_URL: started.publicUrl, ZHENGQIAO_DATA: started.folder.root },
    workingDir: home,
    stdin: Readable.from([]),
    out: (text) => (written.out += text),
    err: (text) => (written.err += text),
    isTerminal: false,
    now: () => new Date(),
    randomBytes,
    untilStopped: () => Promise.resolve(),
  })
  return { code, ...written }
}

const keyOf = (clientId: string): string => join(started.folder.clients, clientId)
const as = async (clientId: string, ...args: readonly string[]) =>
  run(...args, '--connect', started.url, '--key', keyOf(clientId), '--json')
const answer = <Data>(
  schema: z.ZodType<Data>,
  { code, out, err }: Awaited<ReturnType<typeof run>>,
) => {
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return schema.parse(JSON.parse(out))
}

const requested = z.object({
  requestId: z.string(),
  state: z.string(),
  certificateId: z.string().nullable(),
})
const shownClient = z.object({
  certificates: z.array(
    z.object({ certificateId: z.string(), warning: z.string(), revokedAt: z.string().nullable() }),
  ),
})

describe('onboarding from the command line', () => {
  it('takes a department from nothing to a working key, by two people', async () => {
    const uscc = '11370200MB2345678X'
    const org = ['org', 'add', 'parks', '--name', '园林局', '--uscc', uscc, '--role', 'C']
    answer(z.object({ organisationId: z.literal('parks') }), await as('admin-1', ...org))
    const client = ['client', 'add', 'parks-desk', '--org', 'parks', '--role', 'C']
    answer(z.object({ clientId: z.literal('parks-desk') }), await as('admin-1', ...client))
    const operator = ['operator', 'add', 'parks-0001', '--client', 'parks-desk', '--name', '测试员']
    expect((await as('admin-1', ...operator)).out).not.toContain('测试员')

    const own = join(home, 'parks-desk')
    const local = await run('cert', 'request', 'parks-desk', '--out', own)
    expect(local).toMatchObject({ code: 0, err: '' })
    expect(local.out).toContain('BEGIN CERTIFICATE REQUEST')
    expect(local.out).not.toContain('PRIVATE')
    expect((await stat(join(own, 'key.pem'))).mode & 0o777).toBe(0o600)

    const csr = join(own, 'request.pem')
    const sent = await as('admin-1', 'cert', 'request', 'parks-desk', '--csr', csr)
    const { requestId, state } = answer(requested, sent)
    expect(state).toBe('requested')
    const issue = ['cert', 'issue', 'parks-desk', requestId, '--out', join(own, 'cert.pem')]
    const bySame = await as('admin-1', ...issue)
    expect(bySame).toMatchObject({ code: 1, out: '' })
    expect(bySame.err).toContain('precondition_failed')
    expect(answer(requested, await as('security-1', ...issue)).state).toBe('issued')

    const show = ['cert', 'show', 'parks-desk', '--key', own, '--connect', started.url, '--json']
    expect(answer(shownClient, await run(...show)).certificates).toHaveLength(1)
  })

  it('renews a key, the interrupted turn finished at the next command; both end with the old one', async () => {
    const own = join(home, 'parks-desk')
    const under = ['--key', own, '--connect', started.url, '--json']
    const before = await readFile(join(own, 'key.pem'), 'utf8')
    const issued = answer(requested, await run('cert', 'renew', '--days', '7', ...under))
    expect(await readFile(join(own, 'key.pem'), 'utf8')).not.toBe(before)
    for (const name of ['key', 'cert'])
      await rename(join(own, `${name}.pem`), join(own, `${name}.next.pem`))
    const shown = answer(shownClient, await run('cert', 'show', 'parks-desk', ...under))
    const renewed = shown.certificates.find((each) => each.certificateId === issued.certificateId)
    expect(renewed?.warning).toBe('within_7_days')
    const other = shown.certificates.find((each) => each !== renewed)?.certificateId ?? ''
    await run('cert', 'revoke', 'parks-desk', other, '--reason', '已换发', ...under)
    const after = answer(shownClient, await as('admin-1', 'cert', 'show', 'parks-desk'))
    const revoked = after.certificates.filter(({ revokedAt }) => revokedAt !== null)
    // Who stole the old key may have renewed it: what it renewed ends with it.
    expect(revoked.map(({ certificateId }) => certificateId).sort()).toEqual(
      [issued.certificateId, other].sort(),
    )
  })

  it('proposes, lists, approves and revokes a grant, each by whose right it is', async () => {
    const grants = z.array(z.object({ grantId: z.string(), status: z.string() }))
    const type = ['--type', '113702990037000297016', '--item', 'QD-GJJ-003']
    const propose = ['grant', 'add', '--client', 'parks-desk', ...type, '--legal-basis', '测试依据']
    const one = z.object({ grantId: z.string(), status: z.string() })
    const { grantId, status } = answer(one, await as('admin-1', ...propose))
    expect(status).toBe('proposed')
    expect((await as('land-steward-1', 'grant', 'approve', grantId)).err).toContain(
      'grant_not_found',
    )
    expect(answer(one, await as('police-steward-1', 'grant', 'approve', grantId)).status).toBe(
      'active',
    )
    const revoke = ['grant', 'revoke', grantId, '--reason', '测试']
    expect(answer(one, await as('admin-1', ...revoke)).status).toBe('revoked')
    const listed = await as('admin-1', 'grant', 'list', '--client', 'parks-desk')
    expect(answer(grants, listed)).toEqual([
      expect.objectContaining({ grantId, status: 'revoked' }),
    ])
  })

  it('lists more than one page, suspends an operator and ends a client', async () => {
    const clients = z.array(z.object({ clientId: z.string(), suspended: z.boolean() }))
    expect(answer(clients, await as('admin-1', 'client', 'list')).length).toBeGreaterThan(20)
    const suspend = ['operator', 'revoke', 'parks-0001', '--reason', '离岗']
    const operator = z.object({ suspended: z.boolean() })
    expect(answer(operator, await as('admin-1', ...suspend)).suspended).toBe(true)
    const end = ['client', 'revoke', 'parks-desk', '--reason', '停止接入']
    expect(answer(operator, await as('security-1', ...end)).suspended).toBe(true)
  })

  it('answers a wrong line with its usage and touches nothing', async () => {
    for (const args of [['cert'], ['org', 'add'], ['grant', 'list', '--window', '3']])
      expect(await run(...args, '--key', keyOf('admin-1'))).toMatchObject({ code: 3, out: '' })
    const again = await run('cert', 'request', 'x', '--out', keyOf('admin-1'))
    expect(again).toMatchObject({ code: 1, out: '' })
  })
})
